package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.LedLoop;

/** Keeps event loops from waiting, and from being waited for: who waits may wait for what only the loop can deliver. */
final class LoopGuard {

    private LoopGuard() {}

    /**
     * Lets others run the event loop that the calling thread was to come back to.
     *
     * @throws IllegalStateException if the calling thread is an event loop
     */
    static void beforeWaiting() {
        LedLoop.leave();
        if (AsyncCore.onEventLoop()) {
            throw new IllegalStateException(
                    "an event loop must not wait: " + Thread.currentThread().getName()
                            + " would wait for itself; continue in a callback, or on another thread");
        }
    }
}
