package dev.millpond.async;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop as the threads know it that run it: {@link AsyncCore#onEventLoop()} and {@link AsyncCore#atTurnEnd} ask
 * for it.
 */
public interface EventLoop {

    /** See {@link AsyncCore#atTurnEnd}. By the thread itself only. */
    void atTurnEnd(Runnable task);

    /**
     * Runs this loop on the calling thread, which runs callbacks and has none to run now, until {@code over}: so what
     * the loop brings next need not wake it up. This ends early when nobody waits for the loop's sockets, when somebody
     * else needs it, or when the calling thread is interrupted. Does nothing where {@link AsyncSocket#lead} would not.
     *
     * <p>The thread then {@link LedLoop#left left} the loop for a moment: what it sends meanwhile it sends itself, and
     * it comes back soon. Nobody runs the loop until it does, for 2 to 4 ms at most, or until it says that it does not.
     *
     * @param over asked after each turn
     */
    default void lead(BooleanSupplier over) {}

    /** The calling thread, which left this loop for a moment, does not come back soon. */
    default void leave() {}

    /** The one that the calling thread runs, as its own thread or as one that leads it; null if none. */
    static @Nullable EventLoop current() {
        return Thread.currentThread() instanceof EventLoop own ? own : LedLoop.get();
    }
}
