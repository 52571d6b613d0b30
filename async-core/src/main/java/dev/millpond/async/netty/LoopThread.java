package dev.millpond.async.netty;

import dev.millpond.async.EventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The thread of one event loop. */
final class LoopThread extends FastThreadLocalThread implements EventLoop {

    private volatile @Nullable LeaderLoop led;

    private LoopThread(Runnable loop, String name) {
        super(loop, name);
        setDaemon(true);
    }

    @Override
    public void atTurnEnd(Runnable task) {
        // Tasks run after what the selector has brought.
        ThreadExecutorMap.currentExecutor().execute(task);
    }

    /** It is the own thread of {@code loop}, which others may lead. */
    void keeps(LeaderLoop loop) {
        led = loop;
    }

    @Override
    public void lead(BooleanSupplier over) {
        LeaderLoop loop = led;
        if (loop != null) {
            loop.lead(over);
        }
    }

    /** Threads named {@code millpond-loop-1}, {@code millpond-loop-2} and so on. */
    static ThreadFactory factory() {
        AtomicInteger count = new AtomicInteger();
        return loop -> new LoopThread(loop, "millpond-loop-" + count.incrementAndGet());
    }
}
