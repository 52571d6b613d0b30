package dev.millpond.http.connect;

/** What a pool keeps. */
public interface Pooled {

    boolean isOpen();

    /** At once and without waiting. Idempotent. */
    void abort();
}
