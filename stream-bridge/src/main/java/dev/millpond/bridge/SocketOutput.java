package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a socket sends, as a blocking stream: a write waits while 64 KiB are on their way to the operating system. What
 * fails after its write has returned fails the next one. Any thread may write, but not an event loop that would have to
 * wait. Nothing needs to be flushed.
 */
public final class SocketOutput extends OutputStream {

    private static final int HIGH_WATER_MARK = 64 << 10;
    private static final int MAX_WRITE = 16 << 10;

    private final AsyncSocket socket;
    private final Monitor monitor = new Monitor();
    private volatile Duration timeout = Duration.ZERO;

    // Guarded by the monitor.
    private int onTheWay;
    private @Nullable String ended;
    private @Nullable IOException failure;

    private SocketOutput(AsyncSocket socket) {
        this.socket = socket;
    }

    public static SocketOutput over(AsyncSocket socket) {
        return new SocketOutput(socket);
    }

    /**
     * How long a write may wait for room before it fails with {@link SocketTimeoutException}, perhaps with a part sent;
     * zero, the default, for ever.
     */
    public void timeout(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("timeout: expected zero or more, got " + limit);
        }
        timeout = limit;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /**
     * @throws SocketTimeoutException after {@link #timeout}
     * @throws SocketException if the connection broke, or the stream was closed, be it meanwhile
     */
    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        Duration limit = timeout;
        long nanos = limit.isZero() ? Monitor.NO_TIMEOUT : limit.toNanos();
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, MAX_WRITE);
            if (monitor.await("writing to a socket", nanos, () -> tryReserve(count)) == null) {
                throw new SocketTimeoutException("nothing written for " + limit.toMillis() + "ms");
            }
            int from = offset + done;
            var unused = socket.write(ByteBuffer.wrap(Arrays.copyOfRange(source, from, from + count)))
                    .whenComplete((sent, cause) -> written(count, cause));
            done += count;
        }
    }

    private @Nullable Boolean tryReserve(int count) throws IOException {
        if (ended != null) {
            throw new SocketException(ended);
        }
        if (failure != null) {
            throw failure;
        }
        if (onTheWay + count > HIGH_WATER_MARK) {
            return null;
        }
        onTheWay += count;
        return true;
    }

    private void written(int count, @Nullable Throwable cause) {
        monitor.change(() -> {
            onTheWay -= count;
            if (cause != null) {
                failure = cause instanceof IOException io ? io : new IOException(cause);
            }
        });
    }

    /** Ends the output with FIN, behind what was written. */
    void shutdown() {
        end("output shut down");
        var unused = socket.shutdownOutput();
    }

    /** Sends what was written, and closes the socket. A write that waits, on whatever thread, ends at once. */
    @Override
    public void close() {
        end("socket closed");
        socket.close();
    }

    void end(String why) {
        monitor.change(() -> {
            if (ended == null) {
                ended = why;
            }
        });
    }
}
