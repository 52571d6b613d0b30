package dev.millpond.async;

/** Has a task run on an event loop, from any thread, and as often as needed but not more. */
@FunctionalInterface
public interface Notifier {

    /**
     * Makes the task run soon. All triggers before it begins to run make one run; one that comes later makes another.
     * What the thread did before is seen by the task. Never waits; after the core has closed, nothing happens.
     */
    void trigger();
}
