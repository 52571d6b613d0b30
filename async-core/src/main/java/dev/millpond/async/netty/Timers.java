package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Timers on event loops, counted while they are set. */
final class Timers {

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Counters counters;
    private final Callbacks callbacks;

    Timers(Counters counters, Callbacks callbacks) {
        this.counters = counters;
        this.callbacks = callbacks;
    }

    /** Runs {@code task} once, {@code delay} from now; never, if the loop has ended. */
    Cancellable delay(EventLoop loop, Duration delay, Runnable task) {
        return new Timer(task, false).set(loop, nanos(delay));
    }

    /** Runs {@code task} again and again; never, if the loop has ended. */
    Cancellable interval(EventLoop loop, Duration period, Runnable task) {
        return new Timer(task, true).set(loop, nanos(period));
    }

    private final class Timer implements Runnable, Cancellable {

        private final Runnable task;
        private final boolean repeated;

        /** Null if the loop has ended. */
        private volatile @Nullable ScheduledFuture<?> scheduled;

        Timer(Runnable task, boolean repeated) {
            this.task = task;
            this.repeated = repeated;
        }

        Timer set(EventLoop loop, long nanos) {
            counters.timers.increment();
            try {
                scheduled = repeated
                        ? loop.scheduleWithFixedDelay(this, nanos, nanos, TimeUnit.NANOSECONDS)
                        : loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException loopIsGone) {
                counters.timers.decrement();
            }
            return this;
        }

        @Override
        public void run() {
            if (!repeated) {
                counters.timers.decrement();
            }
            callbacks.run(task);
        }

        @Override
        public void cancel() {
            ScheduledFuture<?> current = scheduled;
            if (current != null && current.cancel(false)) {
                counters.timers.decrement();
            }
        }
    }

    /** {@link Duration#toNanos()} throws beyond 292 years, and a deadline wraps around before. */
    static long nanos(Duration delay) {
        return delay.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : Math.max(0, delay.toNanos());
    }
}
