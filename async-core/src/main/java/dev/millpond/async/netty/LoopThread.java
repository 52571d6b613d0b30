package dev.millpond.async.netty;

import dev.millpond.async.EventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The thread of one event loop. */
final class LoopThread extends FastThreadLocalThread implements EventLoop {

    private LoopThread(Runnable loop, String name) {
        super(loop, name);
        setDaemon(true);
    }

    @Override
    public void atTurnEnd(Runnable task) {
        // Tasks run after what the selector has brought.
        ThreadExecutorMap.currentExecutor().execute(task);
    }

    /** Threads named {@code millpond-loop-1}, {@code millpond-loop-2} and so on. */
    static ThreadFactory factory() {
        AtomicInteger count = new AtomicInteger();
        return loop -> new LoopThread(loop, "millpond-loop-" + count.incrementAndGet());
    }
}
