package dev.millpond.bridge;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory responses may hold together: those that are being received, and those that are complete and still
 * reachable. Thread-safe.
 */
public final class MemoryBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final SegmentPool segments;

    /** @param limit in bytes */
    MemoryBudget(long limit) {
        this.limit = limit;
        this.segments = new SegmentPool(limit);
    }

    /** What is not held at the moment, and so not counted. */
    SegmentPool segments() {
        return segments;
    }

    /** In bytes. */
    public long limit() {
        return limit;
    }

    /** Bytes held now. Heads, and what waits to be written to a file, are counted but not refused. */
    public long used() {
        return used.get();
    }

    boolean tryReserve(long bytes) {
        if (used.addAndGet(bytes) <= limit) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    void reserve(long bytes) {
        used.addAndGet(bytes);
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }
}
