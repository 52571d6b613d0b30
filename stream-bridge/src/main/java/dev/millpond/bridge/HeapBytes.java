package dev.millpond.bridge;

import java.io.InputStream;
import java.lang.ref.Cleaner.Cleanable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on the heap, in segments of any length but none; the last one may have room to spare. The first of them, those
 * of a head that nobody wants to read any more, may be missing.
 */
final class HeapBytes implements StoredBytes {

    private static final byte[][] CLOSED = new byte[0][];
    private static final int RECYCLED = -1;

    private final int missing;
    private final long size;
    private final MemoryBudget budget;
    private final Cleanable memory;

    /**
     * How many reads are going on, or {@code RECYCLED}: its arrays are used again, and no read may meet the next
     * response in them. Null if there is nothing to use again.
     */
    private final @Nullable AtomicInteger reads;

    private volatile byte[][] segments;

    /**
     * @param missing how many bytes are not there before those in the segments
     * @param size of all, those included
     * @param held what the segments have reserved of the budget: released by closing, or when this is garbage
     */
    HeapBytes(byte[][] segments, int missing, long size, MemoryBudget budget, long held) {
        this.segments = segments;
        this.missing = missing;
        this.size = size;
        this.budget = budget;
        this.reads = recycled(segments) ? new AtomicInteger() : null;
        this.memory = ResponseStorage.CLEANER.register(this, () -> budget.release(held));
    }

    private static boolean recycled(byte[][] segments) {
        return segments.length > 1 || SegmentPool.pooled(segments[0].length);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public InputStream inputStream(long offset) {
        ensureThere(offset);
        byte[][] open = segments;
        return open == CLOSED
                ? new HeapInputStream(this, open, 0, 0)
                : new HeapInputStream(this, open, size - missing, offset - missing);
    }

    @Override
    public void copyTo(byte[] target, int count) {
        ensureThere(0);
        if (!beginRead()) {
            throw new IllegalStateException("response closed");
        }
        try {
            copy(segments, target, count);
        } finally {
            endRead();
        }
    }

    private void ensureThere(long offset) {
        if (offset < missing) {
            throw new IllegalStateException("the head was taken by the response's listener");
        }
    }

    static void copy(byte[][] segments, byte[] target, int count) {
        int copied = 0;
        for (int i = 0; copied < count; i++) {
            int step = Math.min(segments[i].length, count - copied);
            System.arraycopy(segments[i], 0, target, copied, step);
            copied += step;
        }
    }

    /** Before each access to the segments; false if they are another's by now. */
    boolean beginRead() {
        if (reads == null) {
            return true;
        }
        for (int others = reads.get(); others != RECYCLED; others = reads.get()) {
            if (reads.compareAndSet(others, others + 1)) {
                return true;
            }
        }
        return false;
    }

    void endRead() {
        if (reads != null) {
            reads.decrementAndGet();
        }
    }

    /** Where a read is going on, its arrays are left to the garbage collector. */
    @Override
    public void close() {
        byte[][] open = segments;
        segments = CLOSED;
        memory.clean();
        if (reads != null && reads.compareAndSet(0, RECYCLED)) {
            for (byte[] segment : open) {
                budget.segments().give(segment);
            }
        }
    }

    boolean closed() {
        return segments == CLOSED;
    }
}
