package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.FileReadException;
import dev.millpond.async.SocketListener;
import dev.millpond.async.TlsTruncationException;
import dev.millpond.bridge.detect.Framing;
import dev.millpond.bridge.detect.ResponseDetector;
import dev.millpond.bridge.detect.Verdict;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Collects one response after the other from a socket. Its state belongs to the event loop; only {@link #expect} and
 * {@link #reject} may be called elsewhere.
 */
final class ResponseCollector implements SocketListener {

    private static final String EARLY = "the response came before the end of the request";

    private enum State {
        /** Nothing has been written yet, nothing is read. */
        NEW,
        /** Between responses: whatever arrives is unwanted. */
        IDLE,
        COLLECTING,
        /** The response is being read while it arrives. */
        LIVE,
        CLOSED
    }

    private final AsyncSocket socket;
    private final SendWindow window;
    private final Runnable onClose;
    private final ExchangeClock clock;
    private final ResponseDetector detector = new ResponseDetector();
    private final ResponseBuffer buffer;

    /** Handed over by whoever expects a response, taken by the first write after it. */
    private final AtomicReference<@Nullable ExpectedResponse> next = new AtomicReference<>();

    private State state = State.NEW;
    private @Nullable ExpectedResponse expected;
    private @Nullable LiveResponse live;

    /** Complete, and on its way to a file: it is still to be delivered. */
    private @Nullable Storing storing;

    private boolean liveConsidered;
    private boolean anyByte;

    ResponseCollector(
            AsyncSocket socket, SendWindow window, ResponseStorage storage, Runnable onClose, LongSupplier nanoTime) {
        this.socket = socket;
        this.window = window;
        this.buffer = new ResponseBuffer(storage);
        this.onClose = onClose;
        this.clock = new ExchangeClock(socket, nanoTime, this::overdue);
    }

    /** Any thread. */
    void expect(ExpectedResponse response) {
        if (!next.compareAndSet(null, response)) {
            throw new IllegalStateException("a response is expected already");
        }
    }

    /** Fails what is expected but was not begun, on a connection that is closed. Any thread. */
    void reject() {
        ExpectedResponse rejected = next.getAndSet(null);
        if (rejected != null) {
            rejected.listener().onFailure(new NoResponseException(false, null));
        }
    }

    void write(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (state == State.CLOSED) {
            reject();
            window.written(count);
            return;
        }
        boolean first = state == State.NEW;
        take();
        sending(socket.write(bytes), count, first);
    }

    void write(FileWrite file) {
        if (state == State.CLOSED) {
            reject();
            file.reject();
        } else if (file.take()) {
            boolean first = state == State.NEW;
            take();
            sending(file.begin(socket), 0, first);
        }
    }

    /** @param count bytes that the window counts */
    private void sending(CompletableFuture<Void> write, int count, boolean first) {
        if (write.isDone() && !write.isCompletedExceptionally()) {
            // As most are.
            written(count, null);
        } else {
            write.whenComplete((done, failure) -> written(count, failure));
        }
        startClock();
        if (first) {
            socket.resume();
        }
    }

    /** Starts to wait for what is expected. */
    void begin() {
        if (state == State.CLOSED) {
            reject();
        } else {
            take();
            startClock();
        }
    }

    private void take() {
        ExpectedResponse begun = next.getAndSet(null);
        if (begun == null) {
            return;
        }
        if (expected != null || live != null) {
            begun.listener().onFailure(new IOException("a response is expected already"));
            return;
        }
        expected = begun;
        storing = null;
        state = State.COLLECTING;
        socket.patient(false);
        anyByte = false;
        liveConsidered = false;
        detector.expect(begun.method());
    }

    /**
     * For what was just taken. After the write, most of which are done at once, so that the clock is read once for
     * both.
     */
    private void startClock() {
        if (expected != null && !clock.running()) {
            clock.start(expected.limits(), expected.startedAt());
        }
    }

    private void written(int count, @Nullable Throwable failure) {
        window.written(count);
        if (failure == null) {
            clock.byteSeen();
        } else if (failure instanceof FileReadException unreadable) {
            fail(unreadable);
        } else {
            // The peer may have answered before it stopped to receive: reading decides what becomes of the exchange.
            window.end("request not sent: " + failure.getMessage());
        }
    }

    @Override
    public void onBytes(ByteBuffer bytes) {
        while (bytes.hasRemaining() && (state == State.COLLECTING || state == State.LIVE)) {
            if (live == null) {
                collect(bytes);
            } else {
                pass(bytes, live);
            }
        }
        if (state == State.COLLECTING) {
            clock.byteSeen();
        } else if (bytes.hasRemaining() && state != State.CLOSED) {
            // Nobody asked for these. They must never be taken for the beginning of the next response.
            socket.abort();
            close(null);
        }
    }

    /** Puts bytes where they stay, and examines them there; what turns out not to belong to the response goes back. */
    private void collect(ByteBuffer bytes) {
        byte[] segment = buffer.segment(bytes.remaining(), missing());
        int position = buffer.position();
        int count = Math.min(bytes.remaining(), segment.length - position);
        bytes.get(segment, position, count);
        anyByte = true;
        Verdict verdict = detector.examine(segment, position, count);
        buffer.advance(detector.consumed());
        bytes.position(bytes.position() - (count - detector.consumed()));
        decide(verdict, bytes.hasRemaining());
    }

    /** Hands on bytes of a live response. */
    private void pass(ByteBuffer bytes, LiveResponse reader) {
        ByteBuffer passed = bytes.slice();
        Verdict verdict = detector.examine(bytes);
        Arrived arrived = Arrived.of(passed.limit(detector.consumed()), socket);
        if (verdict == Verdict.COMPLETE) {
            completeLive(reader, arrived, reusable(bytes.hasRemaining()));
        } else {
            reader.add(arrived);
            decide(verdict, bytes.hasRemaining());
        }
    }

    private void decide(Verdict verdict, boolean leftOver) {
        switch (verdict) {
            case NEED_MORE -> {
                if (live == null && !goLive() && checkSize() && detector.headComplete() && buffer.spillDue()) {
                    spill();
                }
            }
            case COMPLETE -> {
                if (detector.interim()) {
                    interim();
                } else if (live != null) {
                    completeLive(live, Arrived.NOTHING, reusable(leftOver));
                } else if (checkSize()) {
                    complete(reusable(leftOver));
                }
            }
            case MALFORMED -> fail(new MalformedResponseException(detector.violation(), detector.received()));
            case TRUNCATED -> fail(broken(null));
        }
    }

    private void interim() {
        CompleteResponse interim = response(buffer.drain(), false);
        if (expected != null) {
            expected.listener().onInterim(interim);
        }
    }

    /** Reads no more until what is here has been written to a file, by another thread. */
    private void spill() {
        ExpectedResponse current = expected;
        socket.pause();
        clock.pauseReading();
        buffer.spill(detector.headLength())
                .whenComplete((done, failure) -> socket.execute(() -> spilled(current, failure)));
    }

    private void spilled(@Nullable ExpectedResponse current, @Nullable Throwable failure) {
        if (state != State.COLLECTING || expected != current) {
            return;
        }
        if (failure != null) {
            fail(Storing.unwrapped(failure));
        } else if (buffer.spillDue()) {
            spill();
        } else {
            clock.resumeReading();
            socket.resume();
        }
    }

    /** Exposes the response now, if that is wanted; asks once. */
    private boolean goLive() {
        ExpectedResponse current = expected;
        if (current == null || liveConsidered || !detector.headComplete() || detector.interim()) {
            return false;
        }
        liveConsidered = true;
        byte[] head = buffer.copy(detector.headLength());
        if (!wantsLive(current, head)) {
            return false;
        }
        LiveResponse response = new LiveResponse(
                socket,
                this::abort,
                detector.headLength(),
                detector.statusCode(),
                detector.framing(),
                current.limits().socketTimeout());
        response.add(new Arrived(buffer.copy((int) buffer.size())));
        buffer.clear();
        clock.stop();
        state = State.LIVE;
        live = response;
        expected = null;
        current.listener().onLive(response);
        return true;
    }

    private boolean wantsLive(ExpectedResponse current, byte[] head) {
        try {
            return current.listener().live(head);
        } catch (RuntimeException e) {
            fail(new IOException("choosing what to stream failed: " + e, e));
            return false;
        }
    }

    private void completeLive(LiveResponse response, Arrived last, boolean reusable) {
        live = null;
        idle();
        window.end(EARLY);
        response.end(last, reusable);
    }

    private void idle() {
        state = State.IDLE;
        socket.patient(true);
    }

    private boolean reusable(boolean leftOver) {
        return detector.reusable() && !leftOver && socket.allSent() && socket.isOpen();
    }

    /** Fails the response if its body is, or will be, too large. */
    private boolean checkSize() {
        if (!detector.headComplete() || expected == null) {
            return true;
        }
        long limit = expected.limits().maxResponseSize();
        long announced = IncompleteResponseException.announcedBody(detector);
        if (announced > limit) {
            fail(ResponseTooLargeException.announced(limit, announced));
            return false;
        }
        if (detector.received() - detector.headLength() > limit) {
            fail(ResponseTooLargeException.received(limit));
            return false;
        }
        return true;
    }

    /** Bytes still to come, as far as announced. */
    private long missing() {
        return detector.headComplete() && detector.framing() == Framing.CONTENT_LENGTH
                ? detector.announced() - detector.received()
                : Long.MAX_VALUE;
    }

    private void complete(boolean reusable) {
        ExpectedResponse completed = expected;
        expected = null;
        idle();
        clock.stop();
        window.end(EARLY);
        if (completed == null) {
            buffer.clear();
            return;
        }
        if (buffer.toBeStored(detector.headLength())) {
            store(completed.listener(), reusable);
        } else {
            completed.listener().onComplete(response(drain(completed.listener()), reusable));
        }
    }

    /** What is on the heap, without the head if the listener has that now. */
    private StoredBytes drain(ResponseListener listener) {
        int headLength = detector.headLength();
        return listener.takesHead(buffer.first(headLength), headLength) ? buffer.drainBody(headLength) : buffer.drain();
    }

    private void store(ResponseListener listener, boolean reusable) {
        // With what the detector knows now: by the time the bytes are stored it may examine another response.
        int headLength = detector.headLength();
        int statusCode = detector.statusCode();
        Framing framing = detector.framing();
        CompletableFuture<StoredBytes> stored = buffer.store(headLength);
        socket.resume();
        storing = new Storing(socket, listener);
        storing.await(stored, bytes -> new CompleteResponse(bytes, headLength, statusCode, framing, reusable));
    }

    private CompleteResponse response(StoredBytes bytes, boolean reusable) {
        return new CompleteResponse(bytes, detector.headLength(), detector.statusCode(), detector.framing(), reusable);
    }

    @Override
    public void onEnd() {
        if (state == State.COLLECTING || state == State.LIVE) {
            decide(detector.endOfStream(), false);
        }
        socket.close();
        close(null);
    }

    @Override
    public void onFailure(IOException cause) {
        boolean alert = cause instanceof SSLException && !(cause instanceof TlsTruncationException);
        close(alert || cause instanceof FileReadException ? cause : broken(cause));
    }

    /** What it means that the connection is gone while a response is expected. */
    private IOException broken(@Nullable IOException cause) {
        return anyByte ? IncompleteResponseException.of(detector, cause) : new NoResponseException(true, cause);
    }

    private void overdue(ExchangeClock.Overdue overdue) {
        ResponseLimits limits = expected == null ? null : expected.limits();
        if (limits != null) {
            fail(overdue.failure(limits, IncompleteResponseException.progress(detector)));
        }
    }

    /** Any thread. */
    void abort() {
        socket.abort();
        socket.execute(this::closed);
    }

    /** This side has closed the socket. */
    void closed() {
        SocketException cause = new SocketException("connection closed");
        Storing stored = storing;
        if (stored != null) {
            stored.fail(cause);
        }
        close(cause);
    }

    private void fail(IOException cause) {
        socket.abort();
        close(cause);
    }

    /** The one way into {@code CLOSED}: whoever waits is told. */
    private void close(@Nullable IOException cause) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        clock.close();
        buffer.clear();
        window.end("connection closed");
        IOException failure = cause == null ? new SocketException("connection closed") : cause;
        ExpectedResponse failed = expected;
        expected = null;
        if (failed != null) {
            failed.listener().onFailure(failure);
        }
        LiveResponse broken = live;
        live = null;
        if (broken != null) {
            broken.fail(failure);
        }
        reject();
        onClose.run();
    }
}
