package dev.millpond.async.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes wait to be sent, from {@link NettySocket#write} to the operating system: also those that still wait
 * for the event loop or for TLS, which Netty's own water marks do not see.
 */
final class Backlog {

    static final int HIGH_WATER_MARK = 64 * 1024;
    static final int LOW_WATER_MARK = 32 * 1024;

    /** Bytes times two, plus one while "full". One word, so that adding and removing cannot miss each other. */
    private final AtomicLong state = new AtomicLong();

    long bytes() {
        return state.get() >>> 1;
    }

    boolean full() {
        return (state.get() & 1) != 0;
    }

    void add(long bytes) {
        state.updateAndGet(old -> {
            long sum = (old >>> 1) + bytes;
            return sum << 1 | (sum >= HIGH_WATER_MARK ? 1 : old & 1);
        });
    }

    /** Adds so few bytes that they don't fill it, unless others wait already; returns whether it did. */
    boolean addFirst(int bytes) {
        return bytes < HIGH_WATER_MARK && state.compareAndSet(0, (long) bytes << 1);
    }

    /** Returns whether this made room: full before, and not any more. */
    boolean remove(long bytes) {
        long before = state.getAndUpdate(old -> removed(old, bytes));
        return (before & 1) != 0 && (removed(before, bytes) & 1) == 0;
    }

    private static long removed(long old, long bytes) {
        long rest = (old >>> 1) - bytes;
        return rest << 1 | (rest < LOW_WATER_MARK ? 0 : old & 1);
    }
}
