package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands callbacks from event loops over to other threads, many at a time: to wake a thread up for each of them costs
 * more than most of them do. What an event loop brings in one turn is taken by one thread, which gets others to help,
 * up to one a processor, where there is more.
 *
 * <p>A callback may block. When none has begun for {@link #PATIENCE} although some wait, the number of threads doubles.
 */
final class CallbackQueue implements Executor {

    private static final Duration PATIENCE = Duration.ofMillis(2);

    private final AsyncCore core;
    private final Executor threads;
    private final int mostThreads;
    private final int processors = Runtime.getRuntime().availableProcessors();

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicBoolean starting = new AtomicBoolean();
    private final AtomicBoolean watching = new AtomicBoolean();

    /** Counts what has begun. Some may be lost, when two threads count at once: it moves all the same. */
    private volatile int begun;

    private int begunBefore;

    /** @param mostThreads how many tasks to have with {@code threads} at once */
    CallbackQueue(AsyncCore core, Executor threads, int mostThreads) {
        this.core = core;
        this.threads = threads;
        this.mostThreads = mostThreads;
    }

    @Override
    public void execute(Runnable callback) {
        waiting.add(callback);
        // After adding: a thread that goes inactive looks for what was added once more, after it has said so.
        if (active.get() > 0) {
            watch();
        } else if (starting.compareAndSet(false, true)) {
            AsyncCore.atTurnEnd(this::start);
        }
    }

    private void start() {
        starting.set(false);
        if (!waiting.isEmpty()) {
            addThread();
            watch();
        }
    }

    private void addThread() {
        active.incrementAndGet();
        try {
            threads.execute(this::runAll);
        } catch (RejectedExecutionException shutDown) {
            // Better on this thread than not at all.
            runAll();
        }
    }

    private void runAll() {
        boolean helped = false;
        do {
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                if (!helped && active.get() < processors && !waiting.isEmpty()) {
                    helped = true;
                    addThread();
                }
                run(next);
            }
            active.decrementAndGet();
        } while (!waiting.isEmpty() && active.compareAndSet(0, 1));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void run(Runnable callback) {
        begun++;
        try {
            callback.run();
        } catch (Throwable thrown) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        }
    }

    private void watch() {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            begunBefore = begun;
            core.delay(PATIENCE, this::check);
        }
    }

    private void check() {
        watching.set(false);
        if (waiting.isEmpty()) {
            return;
        }
        if (begun == begunBefore) {
            int blocked = active.get();
            int more = Math.min(Math.max(1, blocked), mostThreads - blocked);
            for (int i = 0; i < more; i++) {
                addThread();
            }
        }
        watch();
    }
}
