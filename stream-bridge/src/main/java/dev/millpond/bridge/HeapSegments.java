package dev.millpond.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on the heap, as they arrive. Grows with what has really arrived, never with what is announced: a first segment
 * of just what came first, then segments as large as everything before them, up to 256 KiB.
 *
 * <p>Used by one thread.
 */
final class HeapSegments {

    private static final int MIN_GROWTH = 512;

    private static final int MAX_GROWTH = SegmentPool.LENGTH;

    /** A response in more than this is not worth a copy. */
    private static final int MAX_SMALL = 1024;

    private final MemoryBudget budget;
    private List<byte[]> full = List.of();
    private byte @Nullable [] segment;
    private int used;
    private long size;
    private long held;
    private boolean overBudget;

    HeapSegments(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * The segment to put the next bytes into, from {@link #position()} on, where it has room for at least one.
     *
     * @param arrived bytes that are there to be put
     * @param missing bytes still to come as far as is known, or {@link Long#MAX_VALUE}
     */
    byte[] segment(int arrived, long missing) {
        byte[] current = segment;
        if (current != null && used < current.length) {
            return current;
        }
        if (current != null) {
            keep(current);
        }
        byte[] next = size == 0 ? firstSegment(arrived) : newSegment(arrived, missing);
        segment = next;
        used = 0;
        return next;
    }

    /** Most responses have one segment, and no list. */
    private void keep(byte[] segment) {
        if (full.isEmpty()) {
            full = new ArrayList<>();
        }
        full.add(segment);
    }

    private byte[] firstSegment(int arrived) {
        byte[] known = SegmentPool.takeSmall(arrived);
        if (known == null) {
            return budget.segments().take(reserve(arrived, arrived));
        }
        reserve(known.length, known.length);
        return known;
    }

    private byte[] newSegment(int arrived, long missing) {
        long growth = Math.min(Math.max(size, MIN_GROWTH), MAX_GROWTH);
        int wanted = (int) Math.max(Math.min(growth, missing), Math.min(arrived, missing));
        return budget.segments().take(reserve(wanted, arrived));
    }

    /** As much as is good, or where the budget is used up as much as is at hand, which has to be put somewhere. */
    private int reserve(int wanted, int arrived) {
        int length = SegmentPool.length(wanted);
        if (overBudget || !budget.tryReserve(length)) {
            overBudget = true;
            length = arrived;
            budget.reserve(arrived);
        }
        held += length;
        return length;
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

    /** Whether more is held than the budget has for it. */
    boolean overBudget() {
        return overBudget;
    }

    /** The first {@code count} bytes kept. */
    byte[] copy(int count) {
        byte[] copy = new byte[count];
        HeapBytes.copy(segments(), copy, count);
        return copy;
    }

    private byte[][] segments() {
        byte[] last = segment == null ? new byte[0] : segment;
        if (full.isEmpty()) {
            // Most responses. The JIT compiler's code for copying an empty list gives up each time, and all around it.
            return new byte[][] {last};
        }
        byte[][] segments = full.toArray(new byte[full.size() + 1][]);
        segments[full.size()] = last;
        return segments;
    }

    /** An array that begins with the first {@code count} bytes kept: to be looked at before any more is done. */
    byte[] first(int count) {
        byte[] first = full.isEmpty() ? segment : full.get(0);
        return first != null && first.length >= count ? first : copy(count);
    }

    /** Everything kept so far, with its share of the budget; starts over, empty. */
    HeapBytes drain() {
        HeapBytes bytes = new HeapBytes(segments(), 0, size, budget, held);
        forget();
        return bytes;
    }

    /**
     * As {@link #drain}, but the first bytes are not read any more: of little, only what is behind them is kept, and
     * the next response is received where this one was, on whichever connection it comes.
     */
    HeapBytes drainBody(int headLength) {
        byte[] received = segment;
        if (received == null || !full.isEmpty() || received.length > MAX_SMALL) {
            return drain();
        }
        byte[] body = Arrays.copyOfRange(received, headLength, used);
        HeapBytes bytes = new HeapBytes(new byte[][] {body}, headLength, size, budget, body.length);
        budget.release(held - body.length);
        forget();
        SegmentPool.giveSmall(received);
        return bytes;
    }

    void clear() {
        budget.release(held);
        for (byte[] unwanted : segments()) {
            budget.segments().give(unwanted);
        }
        forget();
    }

    private void forget() {
        full = List.of();
        segment = null;
        used = 0;
        size = 0;
        held = 0;
        overBudget = false;
    }
}
