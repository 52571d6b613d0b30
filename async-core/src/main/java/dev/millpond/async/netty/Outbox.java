package dev.millpond.async.netty;

import io.netty.channel.Channel;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a socket was told to do, in the order of the calls, whichever threads they came from. Everything that waits goes
 * to the loop in one hop and is flushed once.
 *
 * <p>Handing each call to Netty directly would not keep the order: a call on the event loop would overtake one that was
 * made earlier on another thread and is still on its way.
 */
final class Outbox {

    /** One call. */
    abstract static class Operation<T> extends CompletableFuture<T> {

        /** Starts it, on the event loop. */
        abstract void perform();
    }

    private final Channel channel;
    private final Queue<Operation<?>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private boolean draining;
    private boolean held;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    <T> Operation<T> submit(Operation<T> operation) {
        boolean here = channel.eventLoop().inEventLoop();
        if (here && !draining && !held && waiting.isEmpty()) {
            perform(operation);
            return operation;
        }
        waiting.add(operation);
        if (here) {
            drain();
        } else if (scheduled.compareAndSet(false, true)) {
            schedule();
        }
        return operation;
    }

    private void schedule() {
        try {
            channel.eventLoop().execute(this::drain);
        } catch (RejectedExecutionException loopIsGone) {
            scheduled.set(false);
            rejectAll();
        }
    }

    private void drain() {
        if (draining || held) {
            return;
        }
        // Before the first poll: whoever adds after the last poll must schedule again.
        scheduled.set(false);
        perform(poll());
    }

    /** That one, and what waits behind it. */
    private void perform(@Nullable Operation<?> first) {
        draining = true;
        try {
            for (Operation<?> next = first; next != null; next = poll()) {
                next.perform();
            }
            channel.flush();
        } finally {
            draining = false;
        }
    }

    private @Nullable Operation<?> poll() {
        return held ? null : waiting.poll();
    }

    /** Lets what was called later wait until {@link #release()}. */
    void hold() {
        held = true;
    }

    void release() {
        held = false;
        drain();
    }

    /** In place of {@link #release()}, when the loop is gone. */
    void abandon() {
        scheduled.set(false);
        rejectAll();
    }

    private void rejectAll() {
        for (Operation<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.completeExceptionally(Failures.closed());
        }
    }
}
