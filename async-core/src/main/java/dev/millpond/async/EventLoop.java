package dev.millpond.async;

import org.jspecify.annotations.Nullable;

/**
 * An event loop as the thread knows it that runs it: {@link AsyncCore#onEventLoop()} and {@link AsyncCore#atTurnEnd}
 * ask for it.
 */
public interface EventLoop {

    /** See {@link AsyncCore#atTurnEnd}. By the thread itself only. */
    void atTurnEnd(Runnable task);

    /** The one that the calling thread runs, as its own thread or as one that leads it; null if none. */
    static @Nullable EventLoop current() {
        return Thread.currentThread() instanceof EventLoop own ? own : LedLoop.get();
    }
}
