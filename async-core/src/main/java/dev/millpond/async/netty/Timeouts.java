package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one socket may neither read nor write. There is one timer, set only while there is something to wait for;
 * what happens meanwhile leaves it alone and just notes the time, and when it is due it is set anew for what is left.
 * All methods run on the event loop.
 */
final class Timeouts {

    private final NettySocket socket;
    private final Duration read;
    private final Duration write;

    private @Nullable Cancellable timer;
    private long timerDue;
    private boolean reading;
    private long lastRead;
    private long lastWritten;
    private long lastProgress;
    private int underWay;

    /** Zero stands for no limit. */
    Timeouts(NettySocket socket, Duration read, Duration write) {
        this.socket = socket;
        this.read = read;
        this.write = write;
        this.lastProgress = socket.sendProgress();
        this.lastWritten = System.nanoTime();
        // For what waits already.
        setTimer(lastWritten);
    }

    /** The socket was told to read, or not to. */
    void reading(boolean on) {
        if (on && !reading) {
            lastRead = System.nanoTime();
            reading = true;
            setTimer(lastRead);
        }
        reading = on;
    }

    void received() {
        lastRead = System.nanoTime();
    }

    /** A write begins. */
    void writing() {
        if (underWay++ == 0) {
            lastWritten = System.nanoTime();
            setTimer(lastWritten);
        }
    }

    /** A write is done. */
    void written() {
        lastWritten = System.nanoTime();
        // Some may have begun before there was a limit.
        underWay = Math.max(0, underWay - 1);
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** Sets the timer to what is due first, unless it is set already to that or earlier. */
    private void setTimer(long now) {
        long left = Math.min(readLeft(now), writeLeft(now));
        if (left == Long.MAX_VALUE || (timer != null && timerDue - now <= left) || !socket.isOpen()) {
            return;
        }
        cancel();
        timerDue = now + left;
        timer = socket.delay(Duration.ofNanos(left), this::due);
    }

    private void due() {
        timer = null;
        long now = System.nanoTime();
        noteProgress(now);
        if (!socket.isOpen()) {
            return;
        }
        if (readLeft(now) <= 0) {
            socket.fail(new SocketTimeoutException("nothing read for " + Failures.brief(read)));
        } else if (writeLeft(now) <= 0) {
            // With a reset: who doesn't read would not see an end either.
            socket.lingerNot();
            socket.fail(new SocketTimeoutException("nothing written for " + Failures.brief(write)));
        } else {
            setTimer(now);
        }
    }

    /** Nanoseconds until reading takes too long; {@link Long#MAX_VALUE} if there is nothing to wait for. */
    private long readLeft(long now) {
        return read.isZero() || !reading || socket.inputEnded ? Long.MAX_VALUE : lastRead + Timers.nanos(read) - now;
    }

    private long writeLeft(long now) {
        return write.isZero() || socket.pendingBytes() == 0 ? Long.MAX_VALUE : lastWritten + Timers.nanos(write) - now;
    }

    /** A large write makes progress long before it is done. */
    private void noteProgress(long now) {
        long progress = socket.sendProgress();
        if (progress > lastProgress) {
            lastWritten = now;
        }
        lastProgress = progress;
    }
}
