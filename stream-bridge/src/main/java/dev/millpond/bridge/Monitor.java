package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock, and how blocking code waits for what the event loop changes under it. Not held while waiting, so virtual
 * threads are not pinned. Who waits for a socket runs its event loop meanwhile, if he may.
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
    private final @Nullable AsyncSocket socket;

    /** How many run the event loop while they wait. */
    private int leading;

    Monitor() {
        this(null);
    }

    /** @param socket what the changes come from; null if from elsewhere */
    Monitor(@Nullable AsyncSocket socket) {
        this.socket = socket;
    }

    /** Changes what the lock guards, and wakes those who wait. Any thread. */
    void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
            if (leading > 0 && socket != null && !socket.inEventLoop()) {
                // Who runs the loop waits there, not here.
                socket.execute(() -> {});
            }
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
        private final long timeoutNanos;
        private final long startedAt;
        private boolean leads;
        private @Nullable T result;
        private @Nullable IOException failure;

        Blocker(Attempt<T> attempt, long timeoutNanos) {
            this.attempt = attempt;
            this.timeoutNanos = timeoutNanos;
            this.startedAt = timeoutNanos == NO_TIMEOUT ? 0 : System.nanoTime();
        }

        @Override
        public boolean block() throws InterruptedException {
            do {
                if (socket == null || !lead(socket)) {
                    awaitChange();
                }
            } while (!isReleasable() && nanosLeft() > 0);
            return true;
        }

        private boolean lead(AsyncSocket of) {
            try {
                return of.lead(this::isReleasableToLeader, nanosLeft());
            } finally {
                if (leads) {
                    leads = false;
                    changeUntold(() -> leading--);
                }
            }
        }

        /** Says that it leads before it looks first, so that who changes something after that wakes the loop up. */
        private boolean isReleasableToLeader() {
            if (!leads) {
                leads = true;
                changeUntold(() -> leading++);
            }
            return isReleasable();
        }

        @SuppressWarnings("WaitNotInLoop") // the caller's loop, which may lead by then
        private void awaitChange() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                if (isReleasable()) {
                    return;
                }
                if (timeoutNanos == NO_TIMEOUT) {
                    changed.await();
                } else {
                    var unused = changed.awaitNanos(nanosLeft());
                }
            } finally {
                lock.unlock();
            }
        }

        private long nanosLeft() {
            return timeoutNanos == NO_TIMEOUT ? NO_TIMEOUT : timeoutNanos - (System.nanoTime() - startedAt);
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
