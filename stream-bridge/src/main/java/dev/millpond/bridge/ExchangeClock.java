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
 * <p>Event loop only.
 */
final class ExchangeClock {

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
    private final Consumer<Overdue> onOverdue;

    private @Nullable ResponseLimits limits;
    private long startedAt;
    private long lastByteAt;
    private long sentThen;
    private boolean reading;
    private @Nullable Cancellable timer;
    private long timerDue;

    ExchangeClock(AsyncSocket socket, LongSupplier nanoTime, Consumer<Overdue> onOverdue) {
        this.socket = socket;
        this.nanoTime = nanoTime;
        this.onOverdue = onOverdue;
    }

    /**
     * An exchange that began at {@code startedAt}, in terms of {@link System#nanoTime()}, is on the wire from now on.
     */
    void start(ResponseLimits newLimits, long startedAt) {
        long now = nanoTime.getAsLong();
        this.limits = newLimits;
        this.startedAt = startedAt;
        this.reading = true;
        byteSeen(now);
        watch(newLimits, now);
    }

    boolean running() {
        return limits != null;
    }

    /** Means nothing between exchanges. */
    void byteSeen() {
        if (running()) {
            byteSeen(nanoTime.getAsLong());
        }
    }

    private void byteSeen(long now) {
        lastByteAt = now;
        sentThen = socket.sendProgress();
    }

    /** This side reads no more for now: that no byte comes is not the peer's silence. */
    void pauseReading() {
        reading = false;
    }

    void resumeReading() {
        reading = true;
        byteSeen();
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
        }
    }

    private void watch(ResponseLimits current, long now) {
        long left = Math.min(untilSilence(current, now), untilDeadline(current, now));
        long due = now + left;
        if (timer != null && timerDue - due <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timerDue = due;
        timer = socket.delay(Duration.ofNanos(Math.max(0, left)), this::fired);
    }

    private void fired() {
        timer = null;
        ResponseLimits current = limits;
        if (current == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (socket.sendProgress() != sentThen || !reading) {
            // A large write gets on: when exactly it did nobody knows, so its silence is noticed after twice the time.
            byteSeen(now);
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
