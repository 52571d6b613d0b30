package dev.millpond.bridge;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The request as a blocking stream, with a bound on the bytes that are on their way to the socket.
 *
 * <p>The monitor orders two races: a writer that is about to wait against the event loop that makes room, and against
 * the end of the exchange.
 */
final class RequestOutput extends OutputStream {

    static final int HIGH_WATER_MARK = 64 << 10;
    private static final int MAX_WRITE = 16 << 10;

    private final ResponseStream stream;
    private final Monitor monitor = new Monitor();
    private int onTheWay;
    private @Nullable String ended;

    RequestOutput(ResponseStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, MAX_WRITE);
            monitor.await("writing a request", Monitor.NO_TIMEOUT, () -> tryReserve(count));
            int from = offset + done;
            stream.send(ByteBuffer.wrap(Arrays.copyOfRange(source, from, from + count)));
            done += count;
        }
    }

    private @Nullable Boolean tryReserve(int count) throws IOException {
        if (ended != null) {
            throw new SocketException(ended);
        }
        if (onTheWay > 0 && onTheWay + count > HIGH_WATER_MARK) {
            return null;
        }
        onTheWay += count;
        return true;
    }

    /** A request begins, or goes on after its response. */
    void begin() {
        monitor.change(() -> ended = null);
    }

    /** Nothing more can be written: who waits, or writes later, fails. */
    void end(String why) {
        monitor.change(() -> {
            if (ended == null) {
                ended = why;
            }
        });
    }

    boolean ended() {
        try {
            return Boolean.TRUE.equals(monitor.tryNow(() -> ended != null));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Bytes are on their way that don't come through this stream. */
    void sending(int count) {
        monitor.change(() -> onTheWay += count);
    }

    /** Bytes have left, or never will. */
    void written(int count) {
        monitor.change(() -> onTheWay -= count);
    }
}
