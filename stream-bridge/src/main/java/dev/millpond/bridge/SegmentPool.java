package dev.millpond.bridge;

import java.lang.ref.SoftReference;
import org.jspecify.annotations.Nullable;

/**
 * Arrays that responses have been kept in, for others to come. Without it each response would go through as much memory
 * that the processor, and for large ones often even the system, has not touched lately, and that has to be cleared
 * first, which together takes longer than to receive it. Bounded, and left to the garbage collector where it needs
 * room. And an array for each thread that runs event loops, in which small responses are received, one after the other:
 * most are there at once, so that not each connection needs its own. Thread-safe.
 */
final class SegmentPool {

    /**
     * Of the longest arrays: well below half of G1's smallest region, from which on each would have regions to itself.
     */
    static final int LENGTH = 256 << 10;

    /** Up to here a new array is as good. */
    private static final int TOO_SHORT = 2 << 10;

    /** So many lengths between a power of two and the next: an array has a quarter to spare at most. */
    private static final int STEPS = 4;

    private static final long MAX_BYTES = 64 << 20;

    /** Null while it is taken, and before the first response. */
    private static final ThreadLocal<byte @Nullable []> SMALL = new ThreadLocal<>();

    private final long max;
    private SoftReference<FreeSegments> free = new SoftReference<>(new FreeSegments());

    /** @param budget of all responses; here is a quarter of it at most */
    SegmentPool(long budget) {
        this.max = Math.min(MAX_BYTES, budget / 4);
    }

    /**
     * Of the array that is best taken for {@code wanted} bytes: no less, where that is no more than {@link #LENGTH}.
     */
    static int length(int wanted) {
        if (wanted <= TOO_SHORT || wanted > LENGTH) {
            return wanted;
        }
        int step = Integer.highestOneBit(wanted - 1) / STEPS;
        return (wanted + step - 1) / step * step;
    }

    /** Whether arrays of this length are used again. */
    static boolean pooled(int length) {
        return length > TOO_SHORT && length == length(length);
    }

    /** An array with whatever is in it. */
    byte[] take(int length) {
        byte[] known = pooled(length) ? poll(length) : null;
        return known != null ? known : new byte[length];
    }

    private synchronized byte @Nullable [] poll(int length) {
        FreeSegments known = free.get();
        return known == null ? null : known.poll(length);
    }

    /** Nobody may read or write the array any more. */
    void give(byte[] segment) {
        if (pooled(segment.length)) {
            keep(segment);
        }
    }

    private synchronized void keep(byte[] segment) {
        FreeSegments known = free.get();
        if (known == null) {
            known = new FreeSegments();
            free = new SoftReference<>(known);
        }
        known.add(segment, max);
    }

    /** The calling thread's array for small responses, if it is not taken and has as much room; else null. */
    static byte @Nullable [] takeSmall(int length) {
        byte[] known = SMALL.get();
        if (known == null || known.length < length) {
            return null;
        }
        SMALL.set(null);
        return known;
    }

    /** To the calling thread. Nobody may read or write the array any more. */
    static void giveSmall(byte[] array) {
        SMALL.set(array);
    }

    /** In bytes. */
    synchronized long size() {
        FreeSegments known = free.get();
        return known == null ? 0 : known.size();
    }
}
