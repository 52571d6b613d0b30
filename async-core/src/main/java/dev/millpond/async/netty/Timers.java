package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/** Timers on event loops, counted while they are set. */
final class Timers {

    private final Counters counters;
    private final Callbacks callbacks;

    Timers(Counters counters, Callbacks callbacks) {
        this.counters = counters;
        this.callbacks = callbacks;
    }

    /** Runs {@code task} once, {@code delay} from now; never, if the loop has ended. */
    Cancellable delay(EventLoop loop, Duration delay, Runnable task) {
        Runnable once = () -> {
            counters.timers.decrement();
            callbacks.run(task);
        };
        return set(delay, nanos -> loop.schedule(once, nanos, TimeUnit.NANOSECONDS));
    }

    /** Runs {@code task} again and again; never, if the loop has ended. */
    Cancellable interval(EventLoop loop, Duration period, Runnable task) {
        Runnable again = () -> callbacks.run(task);
        return set(period, nanos -> loop.scheduleWithFixedDelay(again, nanos, nanos, TimeUnit.NANOSECONDS));
    }

    private Cancellable set(Duration delay, LongFunction<ScheduledFuture<?>> schedule) {
        counters.timers.increment();
        try {
            ScheduledFuture<?> timer = schedule.apply(nanos(delay));
            return () -> {
                if (timer.cancel(false)) {
                    counters.timers.decrement();
                }
            };
        } catch (RejectedExecutionException loopIsGone) {
            counters.timers.decrement();
            return () -> {};
        }
    }

    /** {@link Duration#toNanos()} throws beyond 292 years, and a deadline wraps around before. */
    static long nanos(Duration delay) {
        Duration most = Duration.ofDays(36_500);
        return delay.compareTo(most) > 0 ? most.toNanos() : Math.max(0, delay.toNanos());
    }
}
