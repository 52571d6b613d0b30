package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Tells whether a thread runs an event loop while it waits for a response. */
final class Leading {

    private static final int PATIENCE_SECONDS = 60;

    private Leading() {}

    /**
     * Returns whether it leads, once the server has the request, and the thread waits.
     *
     * @param answers what the server waits for then
     * @param thread the one that waits, as far as is known
     * @param waitsElsewhere whether a thread waits, but not in an event loop
     */
    static boolean leads(Semaphore answers, Supplier<Thread> thread, Predicate<Thread> waitsElsewhere)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!answers.hasQueuedThreads()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
        while (true) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread waiting = thread.get();
            if (stackHas(waiting, "epollWait")) {
                return true;
            }
            if (waitsElsewhere.test(waiting)) {
                return false;
            }
            Thread.sleep(1);
        }
    }

    static boolean stackHas(Thread thread, String method) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().startsWith(method));
    }
}
