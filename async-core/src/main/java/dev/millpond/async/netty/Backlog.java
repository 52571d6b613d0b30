package dev.millpond.async.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many writes and bytes wait to be sent, from {@link NettySocket#write} to the operating system: also those that
 * still wait for the event loop or for TLS, which Netty's own water marks do not see.
 */
final class Backlog {

    static final int HIGH_WATER_MARK = 64 * 1024;
    static final int LOW_WATER_MARK = 32 * 1024;

    private static final int WRITES_SHIFT = 40;
    private static final long ONE_WRITE = 1L << WRITES_SHIFT;

    /**
     * From above: 24 bits of writes, 39 bits of bytes, and one that is set while "full". One word, so that adding and
     * removing cannot miss each other. More writes than fit make a wrong count of writes, and nothing else.
     */
    private final AtomicLong state = new AtomicLong();

    long writes() {
        return state.get() >>> WRITES_SHIFT;
    }

    long bytes() {
        return bytes(state.get());
    }

    private static long bytes(long state) {
        return (state & ONE_WRITE - 1) >>> 1;
    }

    boolean isEmpty() {
        return state.get() == 0;
    }

    boolean full() {
        return (state.get() & 1) != 0;
    }

    /** Of one write. */
    void add(long bytes) {
        long old;
        long sum;
        do {
            old = state.get();
            sum = old + ONE_WRITE + (bytes << 1);
        } while (!state.compareAndSet(old, bytes(sum) >= HIGH_WATER_MARK ? sum | 1 : sum));
    }

    /** The last of one write; returns whether this made room: full before, and not any more. */
    boolean remove(long bytes) {
        return subtract(ONE_WRITE + (bytes << 1));
    }

    /** As {@link #remove}, of a write that goes on. */
    boolean removePart(long bytes) {
        return subtract(bytes << 1);
    }

    private boolean subtract(long amount) {
        long old;
        long rest;
        do {
            old = state.get();
            rest = old - amount;
            if (bytes(rest) < LOW_WATER_MARK) {
                rest &= ~1L;
            }
        } while (!state.compareAndSet(old, rest));
        return (old & 1) != 0 && (rest & 1) == 0;
    }
}
