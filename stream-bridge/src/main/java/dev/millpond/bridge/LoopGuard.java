package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;

/** Keeps event loops from waiting: a loop that waits for what only it can deliver waits for ever. */
final class LoopGuard {

    private LoopGuard() {}

    /** @throws IllegalStateException if the calling thread is an event loop */
    static void beforeWaiting() {
        if (AsyncCore.onEventLoop()) {
            throw new IllegalStateException(
                    "an event loop must not wait: " + Thread.currentThread().getName()
                            + " would wait for itself; continue in a callback, or on another thread");
        }
    }
}
