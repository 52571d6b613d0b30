package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What a socket receives, as a blocking stream. It is the socket's listener from then on, and pauses it while 64 KiB or
 * more wait to be read. Any thread may read, but not an event loop that would have to wait.
 */
public final class SocketInput extends InputStream {

    private static final int HIGH_WATER_MARK = 64 << 10;
    private static final int LOW_WATER_MARK = 32 << 10;

    private final AsyncSocket socket;
    private final Monitor monitor = new Monitor();
    private volatile Duration timeout = Duration.ZERO;

    // Guarded by the monitor.
    private final Queue<ByteBuffer> arrived = new ArrayDeque<>();
    private int waiting;
    private boolean paused;
    private boolean ended;
    private boolean closed;
    private @Nullable Failure failure;

    private SocketInput(AsyncSocket socket) {
        this.socket = socket;
    }

    /** Takes over a connected socket, and starts to read from it. */
    public static SocketInput over(AsyncSocket socket) {
        SocketInput input = new SocketInput(socket);
        socket.listener(input.new Listener());
        socket.resume();
        return input;
    }

    /** How long one read may wait before it fails with {@link SocketTimeoutException}; zero, the default, for ever. */
    public void timeout(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("timeout: expected zero or more, got " + limit);
        }
        timeout = limit;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /**
     * Waits for at least one byte; -1 at the peer's end.
     *
     * @throws SocketTimeoutException after {@link #timeout}; a later read may succeed
     * @throws SocketException if the connection broke, or the stream was closed, be it meanwhile
     */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        Duration limit = timeout;
        long nanos = limit.isZero() ? Monitor.NO_TIMEOUT : limit.toNanos();
        Integer count = monitor.await("reading from a socket", nanos, () -> tryRead(target, offset, length));
        if (count == null) {
            throw new SocketTimeoutException("nothing read for " + limit.toMillis() + "ms");
        }
        return count;
    }

    private @Nullable Integer tryRead(byte[] target, int offset, int length) throws IOException {
        ensureOpen();
        ByteBuffer first = arrived.peek();
        if (first == null) {
            if (failure != null) {
                throw failure.next();
            }
            return ended ? -1 : null;
        }
        int count = Math.min(length, first.remaining());
        first.get(target, offset, count);
        if (!first.hasRemaining()) {
            arrived.remove();
        }
        waiting -= count;
        if (paused && waiting < LOW_WATER_MARK) {
            paused = false;
            socket.resume();
        }
        return count;
    }

    private void ensureOpen() throws SocketException {
        if (closed) {
            throw new SocketException("socket closed");
        }
    }

    /** How many bytes have arrived and wait to be read. */
    @Override
    public int available() throws IOException {
        Integer count = monitor.tryNow(() -> {
            ensureOpen();
            return waiting;
        });
        return count == null ? 0 : count;
    }

    /** Reads nothing more: what has arrived, and what arrives, is dropped, and reads end at once with -1. */
    void shutdown() {
        monitor.change(() -> {
            ended = true;
            drop();
        });
    }

    private void drop() {
        arrived.clear();
        waiting = 0;
        if (paused) {
            // So that the peer's end is seen.
            paused = false;
            socket.resume();
        }
    }

    /** Ends a read that waits, on whatever thread, with {@link SocketException}, and closes the socket. */
    @Override
    public void close() {
        end();
        socket.close();
    }

    void end() {
        monitor.change(() -> {
            closed = true;
            drop();
        });
    }

    private final class Listener implements SocketListener {

        @Override
        public void onBytes(ByteBuffer bytes) {
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            monitor.change(() -> arrived(copy));
        }

        private void arrived(ByteBuffer bytes) {
            if (ended || closed) {
                return;
            }
            arrived.add(bytes);
            waiting += bytes.remaining();
            if (!paused && waiting >= HIGH_WATER_MARK) {
                paused = true;
                socket.pause();
            }
        }

        @Override
        public void onEnd() {
            monitor.change(() -> ended = true);
        }

        @Override
        public void onFailure(IOException cause) {
            monitor.change(() -> failure = new Failure(cause));
        }
    }
}
