package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What a socket sends, as a blocking stream: a write waits while 64 KiB are on their way to the operating system. What
 * fails after its write has returned fails the next one. Any thread may write, but not an event loop that would have to
 * wait. Nothing needs to be flushed.
 */
public final class SocketOutput extends OutputStream {

    private final AsyncSocket socket;
    private final SendWindow window = new SendWindow();
    private volatile Duration timeout = Duration.ZERO;

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
        Duration limit = timeout;
        long nanos = limit.isZero() ? Monitor.NO_TIMEOUT : limit.toNanos();
        if (!window.write(source, offset, length, "writing to a socket", nanos, this::send)) {
            throw new SocketTimeoutException("nothing written for " + limit.toMillis() + "ms");
        }
    }

    private void send(ByteBuffer bytes) {
        int count = bytes.remaining();
        var unused = socket.write(bytes).whenComplete((sent, cause) -> {
            if (cause != null) {
                // Before there is room: a write that waits must not take it.
                window.fail(cause instanceof IOException io ? io : new IOException(cause));
            }
            window.written(count);
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
        window.end(why);
    }
}
