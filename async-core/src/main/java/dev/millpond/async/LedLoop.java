package dev.millpond.async;

import org.jspecify.annotations.Nullable;

/**
 * The event loop that a thread runs which is not its own, see {@link AsyncSocket#lead}, or that it has left for a
 * moment, see {@link EventLoop#lead}.
 */
public final class LedLoop {

    private static final ThreadLocal<@Nullable EventLoop> BY_THREAD = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable EventLoop> LEFT = new ThreadLocal<>();

    private LedLoop() {}

    static @Nullable EventLoop get() {
        return BY_THREAD.get();
    }

    /** The calling thread leads {@code loop} from here on; none, if that is null. For event loops only. */
    public static void set(@Nullable EventLoop loop) {
        BY_THREAD.set(loop);
    }

    /** What the calling thread has left for a moment, or null. */
    public static @Nullable EventLoop left() {
        return LEFT.get();
    }

    /** The calling thread leaves {@code loop}, and comes back soon. For event loops only. */
    public static void left(EventLoop loop) {
        LEFT.set(loop);
    }

    /** Whether it is {@code loop} that the calling thread comes back to, as it does now. For event loops only. */
    public static boolean back(EventLoop loop) {
        if (LEFT.get() != loop) {
            leave();
            return false;
        }
        LEFT.set(null);
        return true;
    }

    /** The calling thread does not come back soon to what it has left: it waits for something else, or is done. */
    public static void leave() {
        EventLoop left = LEFT.get();
        if (left != null) {
            LEFT.set(null);
            left.leave();
        }
    }
}
