package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A response that is read while it arrives. It holds its connection until its end or {@link #close()}; when more waits
 * to be read than its high-water mark, nothing more is read from the network.
 *
 * <p>It is subject to no deadline and no limit of size; a read waits for the {@link #readTimeout} at most.
 */
public final class LiveResponse implements ReceivedResponse {

    private enum Connection {
        OURS,
        /** Perhaps another exchange's already. */
        GIVEN_BACK,
        ABORTED
    }

    static final int HIGH_WATER_MARK = 256 << 10;
    private static final int LOW_WATER_MARK = HIGH_WATER_MARK / 2;

    private final AsyncSocket socket;
    private final Runnable abort;
    private final int headLength;
    private final int statusCode;
    private final Framing framing;
    private final LiveInputStream stream = new LiveInputStream();

    private volatile long readTimeoutNanos;
    private volatile boolean reusable;

    // Event loop only.
    private Runnable onEnd = () -> {};
    private boolean telling;

    // Guarded by the monitor: the event loop adds, the reader takes away.
    private final Monitor monitor;
    private final Queue<Arrived> segments = new ArrayDeque<>();
    private int waiting;
    private boolean paused;
    private Connection connection = Connection.OURS;
    private boolean ended;
    private @Nullable Failure failure;
    private @Nullable Waiter waiter;
    private @Nullable SocketTimeoutException overdue;

    /** @param abort closes the connection; any thread */
    LiveResponse(
            AsyncSocket socket, Runnable abort, int headLength, int statusCode, Framing framing, Duration readTimeout) {
        this.socket = socket;
        this.monitor = new Monitor(socket);
        this.abort = abort;
        this.headLength = headLength;
        this.statusCode = statusCode;
        this.framing = framing;
        this.readTimeoutNanos = readTimeout.toNanos();
    }

    /** The one stream of this response, which reads what was not read before. Its {@code close()} does nothing. */
    @Override
    public InputStream inputStream() {
        return stream;
    }

    @Override
    public int headLength() {
        return headLength;
    }

    @Override
    public int statusCode() {
        return statusCode;
    }

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public boolean reusable() {
        return reusable;
    }

    /**
     * Runs {@code task} once, on the event loop, when the response has arrived to its end, has failed or was closed:
     * from then on the connection has no part in it, though there may be bytes left to read. Readers are told after it.
     * To be called in {@link ResponseListener#onLive} only.
     */
    public void onEnd(Runnable task) {
        onEnd = task;
    }

    /** Closes this once {@code reader} is garbage, which this must not refer to. */
    public void closeAfter(Object reader) {
        var unused = ResponseStorage.CLEANER.register(reader, this::close);
    }

    /** The longest time that a read waits for a byte, before it fails with {@link SocketTimeoutException}. */
    public void readTimeout(Duration timeout) {
        readTimeoutNanos = timeout.toNanos();
    }

    /** Whether a read would not wait: bytes are here, or it would tell the end or a failure. */
    public boolean readable() {
        return stream.begun() || monitor.read(this::readableNow);
    }

    /** Apart from the segment that the reader has taken. */
    private boolean readableNow() {
        return !segments.isEmpty() || ended || failure != null || overdue != null;
    }

    /**
     * Runs {@code task} once, as soon as a read would not wait: at once if it wouldn't now, else on the event loop or
     * on the thread that closes the response, so it must not block. If no byte comes for the {@link #readTimeout}, it
     * runs too, and the next read fails with {@link SocketTimeoutException}. Replaces a task that still waits. Any
     * thread.
     */
    public void onReadable(Runnable task) {
        boolean now = monitor.read(() -> {
            forgetWaiter();
            if (stream.begun() || readableNow()) {
                return true;
            }
            Waiter added = new Waiter(task);
            waiter = added;
            added.timer = socket.delay(Duration.ofNanos(readTimeoutNanos), () -> overdue(added));
            return false;
        });
        if (now) {
            task.run();
        }
    }

    /** Guarded by the monitor. */
    private static final class Waiter {
        private final Runnable task;
        private @Nullable Cancellable timer;

        Waiter(Runnable task) {
            this.task = task;
        }
    }

    private void overdue(Waiter late) {
        change(() -> {
            if (waiter == late) {
                overdue = new SocketTimeoutException(overdueText());
            }
        });
    }

    private String overdueText() {
        return "no byte for " + ResponseLimits.text(Duration.ofNanos(readTimeoutNanos)) + " (socketTimeout)";
    }

    /** Changes what the monitor guards, and tells who waits for that; outside the monitor, as it is not our code. */
    private void change(Runnable change) {
        AtomicReference<@Nullable Waiter> told = new AtomicReference<>();
        monitor.change(() -> {
            change.run();
            if (readableNow()) {
                told.set(waiter);
                forgetWaiter();
            }
        });
        Waiter waited = told.get();
        if (waited != null) {
            waited.task.run();
        }
    }

    private void forgetWaiter() {
        Waiter forgotten = waiter;
        waiter = null;
        if (forgotten != null && forgotten.timer != null) {
            forgotten.timer.cancel();
        }
    }

    /** Ends the response, and its connection unless it has come to its end. Idempotent. */
    @Override
    public void close() {
        close(new IOException("response closed"));
    }

    /** As {@link #close()}, with what readers are told from then on, unless they had all of it or it has failed. */
    public void close(IOException cause) {
        change(() -> {
            // What had its end but was not read is cut off too, and must not look whole.
            if (failure == null && (!ended || stream.begun() || !segments.isEmpty())) {
                failure = new Failure(cause);
            }
            stream.current.drop();
            segments.forEach(Arrived::drop);
            segments.clear();
            waiting = 0;
        });
        if (letGo(Connection.ABORTED)) {
            // Outside the monitor, as it may end the response on this very thread.
            abort.run();
        }
    }

    /** The end and a close may come at once: only one of them decides about the connection. False for the other. */
    private boolean letGo(Connection to) {
        return monitor.read(() -> {
            boolean first = connection == Connection.OURS;
            connection = first ? to : connection;
            return first;
        });
    }

    /**
     * Event loop only. Whoever waits is woken when this has seen what all of its sockets have, so that it may be more
     * that he wakes up for.
     */
    void add(Arrived bytes) {
        monitor.changeUntold(() -> {
            put(bytes);
            if (waiting > HIGH_WATER_MARK && !paused) {
                paused = true;
                socket.pause();
            }
        });
        if (!telling) {
            telling = true;
            AsyncCore.atTurnEnd(this::tell);
        }
    }

    private void tell() {
        telling = false;
        change(() -> {});
    }

    /** What comes when nobody will read it any more is dropped. */
    private void put(Arrived bytes) {
        int count = bytes.remaining();
        if (failure != null) {
            bytes.drop();
        } else if (count > 0) {
            segments.add(bytes);
            waiting += count;
            overdue = null;
        }
    }

    /**
     * It is here to its last byte. That it is comes with those bytes: a reader that knows from the framing that they
     * are the last may ask at once whether the connection is reusable.
     */
    void end(Arrived last, boolean connectionReusable) {
        reusable = letGo(Connection.GIVEN_BACK) && connectionReusable;
        onEnd.run();
        change(() -> {
            put(last);
            ended = true;
            // What is read from here on is not this response's: only its own reader may pause.
            resume();
        });
    }

    /** The connection is closed. Event loop only. */
    void fail(IOException cause) {
        letGo(Connection.GIVEN_BACK);
        onEnd.run();
        change(() -> {
            if (!ended && failure == null) {
                failure = new Failure(cause);
            }
        });
    }

    private void resume() {
        if (paused) {
            paused = false;
            socket.resume();
        }
    }

    /** One reader at a time. */
    private final class LiveInputStream extends InputStream {

        /**
         * Taken out of the queue: it is copied outside the monitor, for which the event loop would have to wait. Set
         * under the monitor, so that a close finds it.
         */
        private volatile Arrived current = Arrived.NOTHING;

        boolean begun() {
            return current.remaining() > 0;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            int count = current.read(target, offset, length);
            while (count == 0 && next()) {
                count = current.read(target, offset, length);
            }
            return count == 0 ? -1 : count;
        }

        /** Waits for what arrives next; false at the end. */
        private boolean next() throws IOException {
            Arrived next = monitor.await("reading a response", readTimeoutNanos, this::poll);
            if (next == null) {
                throw new SocketTimeoutException(overdueText());
            }
            return next != Arrived.NOTHING;
        }

        private @Nullable Arrived poll() throws IOException {
            Arrived first = segments.poll();
            if (first == null) {
                if (failure != null) {
                    throw failure.next();
                }
                SocketTimeoutException late = overdue;
                if (late != null && !ended) {
                    overdue = null;
                    throw late;
                }
                return ended ? Arrived.NOTHING : null;
            }
            current = first;
            waiting -= first.remaining();
            if (waiting < LOW_WATER_MARK) {
                resume();
            }
            return first;
        }

        @Override
        public int available() {
            return current.remaining() + monitor.read(() -> waiting);
        }
    }
}
