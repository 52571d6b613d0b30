package dev.millpond.bridge;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bound on the bytes that are on their way to a socket, and how blocking code waits for room among them.
 *
 * <p>The monitor orders two races: a writer that is about to wait against the event loop that makes room, and against
 * the end of the output.
 */
final class SendWindow {

    static final int HIGH_WATER_MARK = 64 << 10;

    /** Well below the mark, so that there is room for each write at some time. */
    private static final int MAX_WRITE = 16 << 10;

    private final Monitor monitor = new Monitor();
    private int onTheWay;
    private @Nullable String ended;
    private @Nullable IOException failure;

    /**
     * Hands copies of the bytes to {@code sender}, a piece each time there is room for it; what it sends has to be
     * reported as {@link #written}.
     *
     * @param activity for the message of an {@link java.io.InterruptedIOException}
     * @param timeoutNanos how long to wait for room for one piece
     * @return false when there was no room in time
     */
    boolean write(
            byte[] source, int offset, int length, String activity, long timeoutNanos, Consumer<ByteBuffer> sender)
            throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, MAX_WRITE);
            if (monitor.await(activity, timeoutNanos, () -> tryReserve(count)) == null) {
                return false;
            }
            int from = offset + done;
            sender.accept(ByteBuffer.wrap(Arrays.copyOfRange(source, from, from + count)));
            done += count;
        }
        return true;
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

    /** Bytes are on their way that did not wait for room. */
    void sending(int count) {
        monitor.change(() -> onTheWay += count);
    }

    /** Bytes have left, or never will. */
    void written(int count) {
        monitor.change(() -> onTheWay -= count);
    }

    /** Opens it, also again after its end. */
    void begin() {
        monitor.change(() -> ended = null);
    }

    /** Nothing more can be written: who waits, or writes later, fails with a {@link SocketException} that says why. */
    void end(String why) {
        monitor.change(() -> {
            if (ended == null) {
                ended = why;
            }
        });
    }

    /** As {@link #end}, with what a write before has failed with. */
    void fail(IOException cause) {
        monitor.change(() -> failure = cause);
    }

    boolean ended() {
        return monitor.read(() -> ended != null);
    }
}
