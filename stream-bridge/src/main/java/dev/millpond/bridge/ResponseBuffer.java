package dev.millpond.bridge;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one response, as they arrive: on the heap, or, when it outgrows its threshold or the budget is used up,
 * in a file, written a batch at a time. The head stays on the heap.
 *
 * <p>Used by one thread, the event loop.
 */
final class ResponseBuffer {

    /**
     * What waits to be written to the file of one response: 128 KiB, or less where the heap is small, as that comes on
     * top of the budget for each response that is being received.
     */
    private static final int BATCH =
            (int) Math.max(32 << 10, Math.min(128 << 10, Runtime.getRuntime().maxMemory() >> 11));

    /** What is smaller is not worth a file, whatever the budget says: its head costs as much. */
    private static final int SMALLEST_FILE = 1024;

    private static final byte[] NONE = {};

    private final ResponseStorage storage;
    private final HeapSegments heap;
    private @Nullable Spill spill;
    private byte[] head = NONE;
    private long spilled;

    ResponseBuffer(ResponseStorage storage) {
        this.storage = storage;
        this.heap = new HeapSegments(storage.budget());
    }

    /** See {@link HeapSegments#segment}. */
    byte[] segment(int arrived, long missing) {
        return heap.segment(arrived, missing);
    }

    int position() {
        return heap.position();
    }

    void advance(int count) {
        heap.advance(count);
    }

    /** The first {@code count} bytes, unless some are in a file already. */
    byte[] copy(int count) {
        return heap.copy(count);
    }

    /** Everything that is on the heap; starts over, empty. */
    StoredBytes drain() {
        return heap.drain();
    }

    /** The first {@code count} bytes and perhaps more, for a look at them, unless some are in a file already. */
    byte[] first(int count) {
        return heap.first(count);
    }

    /** See {@link HeapSegments#drainBody}. */
    StoredBytes drainBody(int headLength) {
        return heap.drainBody(headLength);
    }

    long size() {
        return spill == null ? heap.size() : head.length + spilled + heap.size();
    }

    /** Whether bytes have to go to a file before more are read. */
    boolean spillDue() {
        return spill == null ? heap.overBudget() || heap.size() > storage.spillThreshold() : heap.size() >= BATCH;
    }

    /**
     * Writes what is here, but for the head, to the file; the future, which completes on another thread, fails with why
     * that can't be done.
     */
    CompletableFuture<Void> spill(int headLength) {
        Spill target = spill;
        int skipped = 0;
        if (target == null) {
            head = heap.copy(headLength);
            skipped = headLength;
            target = storage.newSpill();
            spill = target;
        }
        spilled += heap.size() - skipped;
        return target.write(heap.drain(), skipped);
    }

    /** Whether the response, of which all is here, is to be kept in a file. */
    boolean toBeStored(int headLength) {
        return spill != null || (spillDue() && heap.size() - headLength >= SMALLEST_FILE);
    }

    /** The response as it is kept in a file from now on; starts over, empty. Completes on another thread. */
    CompletableFuture<StoredBytes> store(int headLength) {
        var unused = spill(headLength);
        Spill finished = java.util.Objects.requireNonNull(spill);
        byte[] itsHead = head;
        long bodySize = spilled;
        forget();
        return finished.finish().thenApply(file -> new SpilledBytes(itsHead, file, bodySize, storage.budget()));
    }

    void clear() {
        heap.clear();
        if (spill != null) {
            spill.abandon();
        }
        forget();
    }

    private void forget() {
        spill = null;
        head = NONE;
        spilled = 0;
    }
}
