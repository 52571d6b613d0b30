package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.EventLoop;
import dev.millpond.async.LedLoop;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands callbacks from event loops over to other threads, many at a time: to wake a thread up for each of them costs
 * more than most of them do. What an event loop brings in one turn is taken by one thread, which gets others to help,
 * up to one a processor, where there is more.
 *
 * <p>A thread that has nothing more to do runs the event loop that brought the last callback, if it may (see
 * {@link EventLoop#lead}): one request after the other then wakes nobody up.
 *
 * <p>A callback may block. When none has begun for {@link #patience} although some wait, the number of threads doubles.
 */
final class CallbackQueue implements Executor {

    private static final Duration PATIENCE = Duration.ofMillis(2);

    /** Where an event loop at work keeps a thread from beginning for as long as the system's scheduler lets it. */
    private static final Duration PATIENCE_WITH_ONE_PROCESSOR = Duration.ofMillis(10);

    private final AsyncCore core;
    private final Executor threads;
    private final int mostThreads;
    private final int processors = Runtime.getRuntime().availableProcessors();
    private final Duration patience = processors == 1 ? PATIENCE_WITH_ONE_PROCESSOR : PATIENCE;

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicBoolean starting = new AtomicBoolean();
    private final AtomicBoolean watching = new AtomicBoolean();

    private final AtomicReference<@Nullable Thread> leading = new AtomicReference<>();

    /** The one that has brought something last. */
    private volatile @Nullable EventLoop lastLoop;

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
        if (leading.get() == Thread.currentThread()) {
            // It looks after each turn.
            return;
        }
        remember(EventLoop.current());
        // After adding: a thread that goes inactive looks for what was added once more, after it has said so.
        if (active.get() > 0) {
            watch();
        } else if (starting.compareAndSet(false, true)) {
            AsyncCore.atTurnEnd(this::start);
        }
    }

    /** Not written for each callback, as other threads read it. */
    private void remember(@Nullable EventLoop loop) {
        if (loop != null && loop != lastLoop) {
            lastLoop = loop;
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
        runWaiting();
        while (anyWaiting() || lead()) {
            active.incrementAndGet();
            runWaiting();
        }
        LedLoop.leave();
    }

    private void runWaiting() {
        boolean helped = false;
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            if (!helped && active.get() < processors && !waiting.isEmpty()) {
                helped = true;
                addThread();
            }
            run(next);
        }
        active.decrementAndGet();
    }

    /**
     * Runs an event loop until there are callbacks; false if there are none. Does not count as active meanwhile: what
     * other loops bring is for other threads.
     */
    private boolean lead() {
        EventLoop left = LedLoop.left();
        EventLoop loop = left != null ? left : lastLoop;
        if (loop == null || !leading.compareAndSet(null, Thread.currentThread())) {
            return false;
        }
        try {
            loop.lead(this::anyWaiting);
        } finally {
            leading.set(null);
        }
        return anyWaiting();
    }

    private boolean anyWaiting() {
        return !waiting.isEmpty();
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
            core.delay(patience, this::check);
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
