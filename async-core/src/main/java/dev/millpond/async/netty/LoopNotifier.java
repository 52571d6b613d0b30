package dev.millpond.async.netty;

import dev.millpond.async.Notifier;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A notifier of one event loop. */
final class LoopNotifier implements Notifier, Runnable {

    private final EventLoop loop;
    private final Callbacks callbacks;
    private final Runnable task;
    private final AtomicBoolean triggered = new AtomicBoolean();

    LoopNotifier(EventLoop loop, Callbacks callbacks, Runnable task) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.task = task;
    }

    @Override
    public void trigger() {
        if (triggered.compareAndSet(false, true)) {
            try {
                loop.execute(this);
            } catch (RejectedExecutionException coreClosed) {
                // As documented: nothing happens.
            }
        }
    }

    @Override
    public void run() {
        // First: a trigger from now on may be about something that this run does not see.
        triggered.set(false);
        callbacks.run(task);
    }
}
