package dev.millpond.async;

import org.jspecify.annotations.Nullable;

/** The event loop that a thread runs which is not its own: see {@link AsyncSocket#lead}. */
public final class LedLoop {

    private static final ThreadLocal<@Nullable EventLoop> BY_THREAD = new ThreadLocal<>();

    private LedLoop() {}

    static @Nullable EventLoop get() {
        return BY_THREAD.get();
    }

    /** The calling thread leads {@code loop} from here on; none, if that is null. For event loops only. */
    public static void set(@Nullable EventLoop loop) {
        BY_THREAD.set(loop);
    }
}
