package dev.millpond.bridge;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bound on the bytes that are on their way to a socket, and how blocking code waits for room among them.
 *
 * <p>Most output waits for nothing: only a writer that may have to has a monitor made. It does so before it looks for
 * room, and the event loop, which makes room or ends the output, looks for the monitor afterwards: so that neither
 * misses the other.
 */
final class SendWindow {

    static final int HIGH_WATER_MARK = 64 << 10;

    /** Well below the mark, so that there is room for each write at some time. */
    private static final int MAX_WRITE = 16 << 10;

    private final AtomicInteger onTheWay = new AtomicInteger();
    private volatile @Nullable String ended;
    private volatile @Nullable Failure failure;
    private volatile @Nullable Monitor monitor;

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
        Monitor waiting = monitor();
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, MAX_WRITE);
            if (waiting.await(activity, timeoutNanos, () -> tryReserve(count)) == null) {
                return false;
            }
            int from = offset + done;
            sender.accept(ByteBuffer.wrap(Arrays.copyOfRange(source, from, from + count)));
            done += count;
        }
        return true;
    }

    private synchronized Monitor monitor() {
        Monitor known = monitor;
        if (known == null) {
            known = new Monitor();
            monitor = known;
        }
        return known;
    }

    /** Under the monitor's lock, so that of two writers only one takes the last room. */
    private @Nullable Boolean tryReserve(int count) throws IOException {
        String reason = ended;
        if (reason != null) {
            throw new SocketException(reason);
        }
        Failure known = failure;
        if (known != null) {
            throw known.next();
        }
        if (onTheWay.get() + count > HIGH_WATER_MARK) {
            return null;
        }
        onTheWay.addAndGet(count);
        return true;
    }

    private void changed() {
        Monitor waiting = monitor;
        if (waiting != null) {
            waiting.change(() -> {});
        }
    }

    /** Bytes are on their way that did not wait for room. */
    void sending(int count) {
        onTheWay.addAndGet(count);
    }

    /** Bytes have left, or never will. */
    void written(int count) {
        onTheWay.addAndGet(-count);
        changed();
    }

    /** Opens it, also again after its end. */
    void begin() {
        ended = null;
    }

    /** Nothing more can be written: who waits, or writes later, fails with a {@link SocketException} that says why. */
    void end(String why) {
        if (ended == null) {
            ended = why;
        }
        changed();
    }

    /** As {@link #end}, with what a write before has failed with. */
    void fail(IOException cause) {
        failure = new Failure(cause);
        changed();
    }

    boolean ended() {
        return ended != null;
    }
}
