package dev.millpond.bridge;

import java.io.InputStream;

/** Bytes on the heap, in segments of any length but none; the last one may have room to spare. */
final class HeapBytes implements StoredBytes {

    private static final byte[][] CLOSED = new byte[0][];

    private final long size;
    private volatile byte[][] segments;

    HeapBytes(byte[][] segments, long size) {
        this.segments = segments;
        this.size = size;
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
    public void close() {
        segments = CLOSED;
    }

    boolean closed() {
        return segments == CLOSED;
    }
}
