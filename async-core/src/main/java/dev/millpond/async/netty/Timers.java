package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Timers on an event loop. */
final class Timers {

    private Timers() {}

    /** Runs {@code task} once, {@code delay} from now; never, if the loop has ended. */
    static Cancellable delay(EventLoop loop, Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> timer = loop.schedule(task, nanos(delay), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        } catch (RejectedExecutionException loopIsGone) {
            return () -> {};
        }
    }

    /** {@link Duration#toNanos()} throws beyond 292 years, and a deadline wraps around before. */
    private static long nanos(Duration delay) {
        Duration most = Duration.ofDays(36_500);
        return delay.compareTo(most) > 0 ? most.toNanos() : Math.max(0, delay.toNanos());
    }
}
