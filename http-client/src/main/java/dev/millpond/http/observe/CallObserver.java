package dev.millpond.http.observe;

/**
 * Told of each fetch that ends, once, and before its future completes unless that is what ended it.
 *
 * <p>It is called on the thread that ends the fetch: the callback executor as a rule; the thread that fetches if the
 * request can't be sent at all, that cancels, or that closes. It must be thread-safe and quick, as a future waits for
 * it. What it throws is logged, and does no harm.
 */
@FunctionalInterface
public interface CallObserver {

    void ended(EndedCall call);
}
