package dev.millpond.async.netty;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A thread that would lead an event loop, and waits for the loop's own thread to lend it. */
final class Asker {

    final Thread thread = Thread.currentThread();
    final Awaited awaited;

    private volatile boolean answered;

    Asker(Awaited awaited) {
        this.awaited = awaited;
    }

    void answer() {
        answered = true;
        LockSupport.unpark(thread);
    }

    /**
     * Until the answer or an interrupt.
     *
     * @param until in terms of {@link System#nanoTime()}
     * @param noAnswer whether none is to be had any more
     */
    void await(long until, BooleanSupplier noAnswer) {
        long left = until - System.nanoTime();
        while (!answered && left > 0 && !thread.isInterrupted() && !noAnswer.getAsBoolean()) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
        }
    }

    /** Who answers is about to. */
    void awaitAnswer() {
        while (!answered) {
            Thread.onSpinWait();
        }
    }
}
