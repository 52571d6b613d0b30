package dev.millpond.bridge;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Arrays that large responses have been kept in, for others to come. Without it each large response would go through as
 * much memory that the processor, and often even the system, has not touched lately, which takes longer than to receive
 * it. Bounded, and left to the garbage collector where it needs room. And an array for each thread that runs event
 * loops, in which small responses are received, one after the other: most are there at once, so that not each
 * connection needs its own. Thread-safe.
 */
final class SegmentPool {

    /** Of all arrays here: well below half of G1's smallest region, from which on each would have regions to itself. */
    static final int LENGTH = 256 << 10;

    private static final long MAX_BYTES = 64 << 20;

    /** Null while it is taken, and before the first response. */
    private static final ThreadLocal<byte @Nullable []> SMALL = new ThreadLocal<>();

    private final int max;
    private SoftReference<Deque<byte[]>> free = new SoftReference<>(new ArrayDeque<>());

    /** @param budget of all responses; here is a quarter of it at most */
    SegmentPool(long budget) {
        this.max = (int) (Math.min(MAX_BYTES, budget / 4) / LENGTH);
    }

    /** An array with whatever is in it. */
    byte[] take(int length) {
        byte[] known = length == LENGTH ? poll() : null;
        return known != null ? known : new byte[length];
    }

    private synchronized byte @Nullable [] poll() {
        Deque<byte[]> kept = free.get();
        return kept == null ? null : kept.pollLast();
    }

    /** Nobody may read or write the array any more. */
    synchronized void give(byte[] segment) {
        if (segment.length != LENGTH) {
            return;
        }
        Deque<byte[]> kept = free.get();
        if (kept == null) {
            kept = new ArrayDeque<>();
            free = new SoftReference<>(kept);
        }
        if (kept.size() < max) {
            kept.addLast(segment);
        }
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

    synchronized int size() {
        Deque<byte[]> kept = free.get();
        return kept == null ? 0 : kept.size();
    }
}
