package dev.millpond.async;

/** Something that has not happened yet. */
@FunctionalInterface
public interface Cancellable {

    /** Keeps it from happening. Idempotent; without effect once it has happened. */
    void cancel();
}
