package dev.millpond.async.netty;

/**
 * How often in a row threads could not lead an event loop that would have. Several at once may miscount, but then none
 * of them gets it.
 */
final class Misses {

    /** So many are no chance: there is one caller, one reader of a long response, or one callback after the other. */
    private static final int ENOUGH = 4;

    /** Less than a second of one small response after the other. */
    private static final int MANY = 4000;

    private final long soon;
    private volatile int count;
    private volatile long last;

    /** @param soon how many nanoseconds there are at most from one to the next */
    Misses(long soon) {
        this.soon = soon;
    }

    /**
     * Counts one; returns whether it is time to ask for the loop.
     *
     * @param now in nanoseconds
     */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    boolean enough(long now) {
        count = now - last < soon ? count + 1 : 1;
        last = now;
        if (count < ENOUGH) {
            return false;
        }
        count = 0;
        return true;
    }

    /** To lead has brought nothing: not to be asked for again soon. */
    void inVain() {
        count = -MANY;
    }
}
