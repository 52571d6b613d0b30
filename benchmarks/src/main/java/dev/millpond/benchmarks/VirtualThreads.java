package dev.millpond.benchmarks;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** JDK 21's, called by name, as this is compiled for JDK 17. */
final class VirtualThreads {

    private VirtualThreads() {}

    static boolean available() {
        return Runtime.version().feature() >= 21;
    }

    static Executor executor() {
        try {
            return (Executor)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("virtual threads need JDK 21", e);
        }
    }
}
