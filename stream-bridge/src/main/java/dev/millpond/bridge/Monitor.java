package dev.millpond.bridge;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock, and how blocking code waits for what the event loop changes under it. Not held while waiting, so virtual
 * threads are not pinned.
 */
final class Monitor {

    static final long NO_TIMEOUT = Long.MAX_VALUE;

    /** Tried under the lock, again after each change. */
    @FunctionalInterface
    interface Attempt<T> {

        /** What was waited for, or null to wait on. */
        @Nullable
        T tryNow() throws IOException;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Changes what the lock guards, and wakes those who wait. Any thread. */
    void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #change}, which is to follow, but wakes nobody. */
    void changeUntold(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** What the lock guards, as it is now. Any thread. */
    <T> T read(Supplier<T> reading) {
        lock.lock();
        try {
            return reading.get();
        } finally {
            lock.unlock();
        }
    }

    <T> @Nullable T tryNow(Attempt<T> attempt) throws IOException {
        lock.lock();
        try {
            return attempt.tryNow();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until {@code attempt} has a result; null after {@code timeoutNanos}.
     *
     * @param activity for the message of an {@link InterruptedIOException}, as in "reading a response"
     * @throws IllegalStateException on an event loop that would have to wait
     */
    <T> @Nullable T await(String activity, long timeoutNanos, Attempt<T> attempt) throws IOException {
        T result = tryNow(attempt);
        if (result != null) {
            return result;
        }
        LoopGuard.beforeWaiting();
        Blocker<T> blocker = new Blocker<>(attempt, timeoutNanos);
        try {
            // Managed, so that a fork-join pool puts another thread in place of one that waits here.
            ForkJoinPool.managedBlock(blocker);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while " + activity).initCause(e);
        }
        if (blocker.failure != null) {
            throw blocker.failure;
        }
        return blocker.result;
    }

    private final class Blocker<T> implements ForkJoinPool.ManagedBlocker {

        private final Attempt<T> attempt;
        private long nanosLeft;
        private @Nullable T result;
        private @Nullable IOException failure;

        Blocker(Attempt<T> attempt, long timeoutNanos) {
            this.attempt = attempt;
            this.nanosLeft = timeoutNanos;
        }

        @Override
        public boolean block() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!isReleasable() && nanosLeft > 0) {
                    if (nanosLeft == NO_TIMEOUT) {
                        changed.await();
                    } else {
                        nanosLeft = changed.awaitNanos(nanosLeft);
                    }
                }
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean isReleasable() {
            if (result == null && failure == null) {
                try {
                    result = Monitor.this.tryNow(attempt);
                } catch (IOException e) {
                    failure = e;
                }
            }
            return result != null || failure != null;
        }
    }
}
