package dev.millpond.bridge;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one response, as they arrive. Grows with what has really arrived, never with what is announced: a first
 * segment of just what came first, then segments as large as everything before them, up to 1 MiB.
 *
 * <p>Used by one thread, the event loop.
 */
final class ResponseBuffer {

    private static final int MIN_GROWTH = 512;
    private static final int MAX_GROWTH = 1 << 20;

    private final List<byte[]> full = new ArrayList<>(1);
    private byte @Nullable [] segment;
    private int used;
    private long size;

    /**
     * The segment to put the next bytes into, from {@link #position()} on, where it has room for at least one.
     *
     * @param arrived bytes that are there to be put
     * @param missing bytes still to come as far as is known, or {@link Long#MAX_VALUE}
     */
    byte[] segment(int arrived, long missing) {
        if (segment != null && used < segment.length) {
            return segment;
        }
        if (segment != null) {
            full.add(segment);
        }
        long growth = Math.min(Math.max(size, MIN_GROWTH), MAX_GROWTH);
        segment =
                new byte[(int) (size == 0 ? arrived : Math.max(Math.min(growth, missing), Math.min(arrived, missing)))];
        used = 0;
        return segment;
    }

    int position() {
        return used;
    }

    /** Keeps {@code count} bytes put at {@link #position()}. */
    void advance(int count) {
        used += count;
        size += count;
    }

    long size() {
        return size;
    }

    /** The first {@code count} bytes kept. */
    byte[] copy(int count) {
        byte[] copy = new byte[count];
        int copied = 0;
        for (byte[] earlier : full) {
            int step = Math.min(earlier.length, count - copied);
            System.arraycopy(earlier, 0, copy, copied, step);
            copied += step;
        }
        if (segment != null) {
            System.arraycopy(segment, 0, copy, copied, count - copied);
        }
        return copy;
    }

    /** Everything kept so far; the buffer starts over, empty. */
    StoredBytes drain() {
        byte[][] segments = full.toArray(new byte[full.size() + 1][]);
        segments[full.size()] = segment == null ? new byte[0] : segment;
        StoredBytes stored = new HeapBytes(segments, size);
        clear();
        return stored;
    }

    void clear() {
        full.clear();
        segment = null;
        used = 0;
        size = 0;
    }
}
