package dev.millpond.bridge;

import java.io.InputStream;
import java.lang.ref.Cleaner.Cleanable;

/** Bytes on the heap, in segments of any length but none; the last one may have room to spare. */
final class HeapBytes implements StoredBytes {

    private static final byte[][] CLOSED = new byte[0][];

    private final long size;
    private final Cleanable memory;
    private volatile byte[][] segments;

    /** @param held what the segments have reserved of the budget: released by closing, or when this is garbage */
    HeapBytes(byte[][] segments, long size, MemoryBudget budget, long held) {
        this.segments = segments;
        this.size = size;
        this.memory = ResponseStorage.CLEANER.register(this, () -> budget.release(held));
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public InputStream inputStream(long offset) {
        byte[][] open = segments;
        return open == CLOSED ? new HeapInputStream(this, open, 0, 0) : new HeapInputStream(this, open, size, offset);
    }

    @Override
    public void copyTo(byte[] target, int count) {
        copy(segments, target, count);
    }

    static void copy(byte[][] segments, byte[] target, int count) {
        int copied = 0;
        for (int i = 0; copied < count; i++) {
            int step = Math.min(segments[i].length, count - copied);
            System.arraycopy(segments[i], 0, target, copied, step);
            copied += step;
        }
    }

    @Override
    public void close() {
        segments = CLOSED;
        memory.clean();
    }

    boolean closed() {
        return segments == CLOSED;
    }
}
