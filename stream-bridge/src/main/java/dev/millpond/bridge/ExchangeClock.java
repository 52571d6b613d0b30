package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches the silence and the deadline of a connection's exchanges with a single timer, which is not moved by every
 * byte or exchange: when it fires too early it is set again, and between exchanges it is left to fire for nothing.
 *
 * <p>Event loop only, but for what is said to be for any thread.
 */
final class ExchangeClock {

    private static final long NEVER = Long.MAX_VALUE;

    enum Overdue {
        /** No byte went in either direction for the socket timeout. */
        SILENCE {
            @Override
            SocketTimeoutException failure(ResponseLimits limits, String progress) {
                return new SocketTimeoutException(
                        "no byte for " + limits.socketTimeoutText() + " (socketTimeout): " + progress);
            }
        },
        DEADLINE {
            @Override
            SocketTimeoutException failure(ResponseLimits limits, String progress) {
                return new ResponseDeadlineException("response not complete within " + limits.responseDeadlineText()
                        + " (responseDeadline): " + progress);
            }
        };

        abstract SocketTimeoutException failure(ResponseLimits limits, String progress);
    }

    private final AsyncSocket socket;
    private final LongSupplier nanoTime;
    private final Runnable onIdle;
    private final Consumer<Overdue> onOverdue;

    private @Nullable ResponseLimits limits;
    private long startedAt;
    private volatile long lastByteAt;
    private volatile long sentThen;
    private @Nullable Cancellable timer;
    private long timerDue;

    /** As {@code timerDue}, or {@link #NEVER}, for other threads. */
    private volatile long due = NEVER;

    /** @param onIdle called when the timer fires while no exchange is on, to {@link #start} one that is */
    ExchangeClock(AsyncSocket socket, LongSupplier nanoTime, Runnable onIdle, Consumer<Overdue> onOverdue) {
        this.socket = socket;
        this.nanoTime = nanoTime;
        this.onIdle = onIdle;
        this.onOverdue = onOverdue;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /**
     * An exchange that began at {@code startedAt} is on the wire since {@code sentAt}, in terms of
     * {@link System#nanoTime()}.
     */
    void start(ResponseLimits newLimits, long startedAt, long sentAt) {
        this.limits = newLimits;
        this.startedAt = startedAt;
        this.lastByteAt = sentAt;
        this.sentThen = socket.sendProgress();
        watch(newLimits, nanoTime.getAsLong());
    }

    /** Whether the timer fires before an exchange with these limits would be overdue. Any thread. */
    boolean covers(ResponseLimits others, long othersStartedAt, long now) {
        long next = due;
        return next != NEVER
                && next - now <= others.socketTimeoutNanos()
                && next - now <= others.responseDeadlineNanos() - (now - othersStartedAt);
    }

    /** Any thread. */
    void byteSeen() {
        lastByteAt = nanoTime.getAsLong();
        sentThen = socket.sendProgress();
    }

    /** The exchange is over. */
    void stop() {
        limits = null;
    }

    /** The connection is over. */
    void close() {
        stop();
        if (timer != null) {
            timer.cancel();
            timer = null;
            due = NEVER;
        }
    }

    private void watch(ResponseLimits current, long now) {
        long left = Math.min(untilSilence(current, now), untilDeadline(current, now));
        long next = now + left;
        if (timer != null && timerDue - next <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timerDue = next;
        due = next;
        timer = socket.delay(Duration.ofNanos(Math.max(0, left)), this::fired);
    }

    private void fired() {
        timer = null;
        // Before looking for an exchange: who begins one from now on finds that the clock does not cover it.
        due = NEVER;
        ResponseLimits current = limits;
        if (current == null) {
            onIdle.run();
            return;
        }
        long now = nanoTime.getAsLong();
        if (socket.sendProgress() != sentThen) {
            // A large write gets on: when exactly it did nobody knows, so its silence is noticed after twice the time.
            byteSeen();
        }
        if (untilDeadline(current, now) <= 0) {
            onOverdue.accept(Overdue.DEADLINE);
        } else if (untilSilence(current, now) <= 0) {
            onOverdue.accept(Overdue.SILENCE);
        } else {
            watch(current, now);
        }
    }

    private long untilDeadline(ResponseLimits current, long now) {
        return current.responseDeadlineNanos() - (now - startedAt);
    }

    private long untilSilence(ResponseLimits current, long now) {
        return current.socketTimeoutNanos() - (now - lastByteAt);
    }
}
