package dev.millpond.http;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Executors for user code. */
final class CallbackExecutors {

    private static final String NAME = "millpond-callback-";

    private static final int MIN_THREADS = 4;
    private static final int MAX_THREADS = 8;

    /** One may be running an event loop. */
    private static final int LEADING = 1;

    /** As many as a fork-join pool puts in place of threads that wait. */
    private static final int MAX_SPARE_THREADS = 256;

    private static final int KEEP_ALIVE_SECONDS = 60;

    private CallbackExecutors() {}

    /**
     * One thread, which may run an event loop, and while it is busy a virtual thread a task, where the JDK has them.
     * Elsewhere a fork-join pool: its number of threads is bounded however many responses come at once, and yet a
     * callback that joins another fetch does not starve it, as the pool puts another thread in place of one that waits
     * for a future.
     */
    static ExecutorService create() {
        try {
            return oneThreadAnd((ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return forkJoinPool();
        }
    }

    /** How many callbacks such an executor can be given at once, without some of them only waiting there. */
    static int capacity(ExecutorService executor) {
        return executor instanceof ForkJoinPool pool ? pool.getParallelism() + MAX_SPARE_THREADS : Integer.MAX_VALUE;
    }

    private static ExecutorService oneThreadAnd(ExecutorService others) {
        return new ThreadPoolExecutor(
                0,
                1,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                CallbackExecutors::thread,
                (task, busyOrShutDown) -> others.execute(task)) {

            @Override
            protected void terminated() {
                others.shutdown();
            }
        };
    }

    private static Thread thread(Runnable tasks) {
        Thread thread = new Thread(tasks, NAME + 0);
        thread.setDaemon(true);
        return thread;
    }

    private static ForkJoinPool forkJoinPool() {
        int threads = Math.max(MIN_THREADS, Math.min(Runtime.getRuntime().availableProcessors(), MAX_THREADS));
        // Not by their index in the pool, which JDK 17 gives them later.
        AtomicInteger started = new AtomicInteger();
        return new ForkJoinPool(threads + LEADING, pool -> thread(pool, started.getAndIncrement()), null, true);
    }

    private static ForkJoinWorkerThread thread(ForkJoinPool pool, int number) {
        ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName(NAME + number);
        return thread;
    }
}
