package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The responses of a connection as blocking code takes them, exchange after exchange: interim ones, then the final one.
 * Any thread may take; the event loop puts.
 */
public final class ResponseQueue implements ResponseListener {

    private final Predicate<byte[]> live;
    private final Monitor monitor;
    private final Queue<ReceivedResponse> arrived = new ArrayDeque<>(2);
    private @Nullable IOException failure;

    /**
     * @param socket of the connection
     * @param live which responses to expose at their heads: see {@link ResponseListener#live}
     */
    public ResponseQueue(AsyncSocket socket, Predicate<byte[]> live) {
        this.monitor = new Monitor(socket);
        this.live = live;
    }

    /** Waits for the next response; throws what failed it, again at each call. */
    public ReceivedResponse take() throws IOException {
        ReceivedResponse next = monitor.await("waiting for a response", Monitor.NO_TIMEOUT, this::poll);
        if (next == null) {
            throw new AssertionError("woken without a response");
        }
        return next;
    }

    private @Nullable ReceivedResponse poll() throws IOException {
        ReceivedResponse next = arrived.poll();
        if (next == null && failure != null) {
            throw failure;
        }
        return next;
    }

    /** Waits until {@link #take()} would not, at most for {@code timeout}; whether it would not. */
    public boolean await(Duration timeout) throws IOException {
        long nanos = Math.max(0, timeout.toNanos());
        return monitor.await("waiting for a response", nanos, () -> isReady() ? true : null) != null;
    }

    private boolean isReady() {
        return !arrived.isEmpty() || failure != null;
    }

    @Override
    public void onInterim(CompleteResponse interim) {
        monitor.change(() -> arrived.add(interim));
    }

    @Override
    public boolean awaited() {
        return true;
    }

    @Override
    public boolean live(byte[] head) {
        return live.test(head);
    }

    @Override
    public void onLive(LiveResponse response) {
        monitor.change(() -> arrived.add(response));
    }

    @Override
    public void onComplete(CompleteResponse response) {
        // So that the event loop is not held up between the responses that it has by those whom it wakes up.
        AsyncCore.atTurnEnd(() -> monitor.change(() -> arrived.add(response)));
    }

    @Override
    public void onFailure(IOException cause) {
        monitor.change(() -> failure = cause);
    }
}
