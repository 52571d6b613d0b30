package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.TlsOptions;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLSession;

/**
 * One connection as blocking code sees it: requests go out through {@code write} or {@link #output()}, and each comes
 * back as one {@link CompleteResponse}.
 *
 * <p>For each exchange: {@link #expect} first, then the request; the next exchange may begin when the response is there
 * and {@link CompleteResponse#reusable() reusable}. Nothing is read before the first write, so that no response can be
 * taken for bytes that nobody asked for; after that the connection is always read, so that its end is seen at once.
 * Bytes that arrive while no response is expected close it: they never reach the next caller.
 *
 * <p>May be used from any thread, by one exchange at a time; {@link #abort()} and {@link #close()} from any thread at
 * any time. Futures complete on the event loop.
 */
public final class ResponseStream {

    private final AsyncSocket socket;
    private final ResponseCollector collector;
    private final SendWindow window = new SendWindow();
    private volatile boolean awaited;

    private ResponseStream(AsyncSocket socket, ResponseStorage storage, Runnable onClose, LongSupplier nanoTime) {
        this.socket = socket;
        this.collector = new ResponseCollector(socket, window, storage, onClose, nanoTime);
    }

    /**
     * Takes over a new, paused socket.
     *
     * @param storage where responses are kept
     * @param onClose called once, on the event loop, when the connection can't be used any more: the peer closed it, it
     *     broke, or it was closed from this side
     */
    public static ResponseStream over(AsyncSocket socket, ResponseStorage storage, Runnable onClose) {
        return over(socket, storage, onClose, System::nanoTime);
    }

    static ResponseStream over(AsyncSocket socket, ResponseStorage storage, Runnable onClose, LongSupplier nanoTime) {
        ResponseStream stream = new ResponseStream(socket, storage, onClose, nanoTime);
        socket.listener(stream.collector);
        return stream;
    }

    /**
     * The response to the request that is written next, complete.
     *
     * <p>The future fails with {@link NoResponseException}, {@link IncompleteResponseException},
     * {@link MalformedResponseException}, {@link ResponseTooLargeException}, {@link java.net.SocketTimeoutException},
     * {@link ResponseDeadlineException}, an {@link javax.net.ssl.SSLException}, or {@link java.net.SocketException}
     * after {@link #abort()}; the connection is then closed. Cancelling it closes the connection.
     *
     * @param method the request's method, which decides on the framing (RFC 9112, section 6.3)
     * @param startedAt when the exchange began, in terms of {@link System#nanoTime()}: its deadline counts from then on
     * @throws IllegalStateException if a response is expected already
     */
    public CompletableFuture<CompleteResponse> expect(String method, ResponseLimits limits, long startedAt) {
        ResponseFuture future = new ResponseFuture(this);
        expect(method, limits, startedAt, future);
        return future;
    }

    /**
     * The responses to the request that is written next, interim and live ones included. As the other, with failures
     * going to {@code listener}.
     */
    public void expect(String method, ResponseLimits limits, long startedAt, ResponseListener listener) {
        collector.expect(new ExpectedResponse(method, limits, startedAt, listener));
        awaited = listener.awaited();
        window.begin();
    }

    /**
     * As {@link #expect}, but for one more response to a request that was written before: as after a 101 that upgrades
     * to TLS, where the response itself follows (RFC 9110, section 7.8; RFC 2817, section 3.3).
     */
    public void expectMore(String method, ResponseLimits limits, long startedAt, ResponseListener listener) {
        expect(method, limits, startedAt, listener);
        socket.execute(collector::begin);
        rejectIfClosed();
    }

    /**
     * Writes bytes of the request, in the order of the calls; the buffer must not be changed from here on. Never waits.
     */
    public void write(ByteBuffer bytes) {
        window.sending(bytes.remaining());
        send(bytes);
    }

    /**
     * Writes bytes of the request out of a file, behind those written before, as {@link AsyncSocket#write(FileChannel,
     * long, long)} does. Never waits, and as long as it gets on, no socket timeout comes.
     *
     * <p>When the future is done, with whatever result, the file isn't used any more, and may be closed. A file that
     * can't be read, or is too short, fails the exchange with {@link dev.millpond.async.FileReadException}. The future
     * is not to be cancelled: {@link #abort()} ends it.
     */
    public CompletableFuture<Void> write(FileChannel file, long position, long count) {
        return write(file, position, count, (done, failure) -> {});
    }

    /**
     * As the other; {@code ended} is called with the result, and before any response to the whole is told of. To attach
     * it to the future would be too late now and then: the response may have come by then.
     */
    public CompletableFuture<Void> write(
            FileChannel file, long position, long count, BiConsumer<? super Void, ? super Throwable> ended) {
        FileWrite write = new FileWrite(file, position, count);
        write.whenComplete(ended);
        if (socket.inEventLoop()) {
            collector.write(write);
            return write;
        }
        socket.execute(() -> collector.write(write));
        if (!socket.isOpen()) {
            collector.reject();
            write.reject();
        }
        return write;
    }

    private void send(ByteBuffer bytes) {
        if (socket.inEventLoop()) {
            collector.write(bytes);
            return;
        }
        if (awaited || socket.comesBack()) {
            socket.executeHere(() -> collector.write(bytes));
        } else {
            socket.execute(() -> collector.write(bytes));
        }
        rejectIfClosed();
    }

    /** The core may have closed, and its loop run its last task, before ours. */
    private void rejectIfClosed() {
        if (!socket.isOpen()) {
            collector.reject();
        }
    }

    /**
     * A blocking stream for the request, or the rest of it. Its {@code write} waits while more than 64 KiB are on the
     * way, until they are sent or the exchange ends (at its deadline at the latest); it fails with
     * {@link java.io.IOException} once it has ended, also by a response that came early, and with
     * {@link java.io.InterruptedIOException}. Not for event loops, which get an {@link IllegalStateException} where
     * they would have to wait. {@code close()} leaves the connection open.
     */
    public OutputStream output() {
        return new RequestOutput(window, this::send);
    }

    /** Whether {@link #output()} takes no more of the current request: it failed, or its response has come. */
    public boolean outputEnded() {
        return window.ended();
    }

    /**
     * Lets {@link #output()} take the rest of a request whose response has come: a server that answered early, to a
     * request with {@code Expect: 100-continue}, may still be owed its end.
     */
    public void reopenOutput() {
        window.begin();
    }

    /**
     * Secures the connection, between two responses: see {@link AsyncSocket#startTls}. Cancelling the future does
     * nothing; {@link #abort()} ends the handshake.
     */
    public CompletableFuture<SSLSession> startTls(TlsOptions options) {
        return socket.startTls(options);
    }

    public boolean isOpen() {
        return socket.isOpen();
    }

    public AsyncSocket socket() {
        return socket;
    }

    /** Closes in good order; what was written is sent first. A response still expected fails. Idempotent. */
    public void close() {
        socket.close();
        socket.execute(collector::closed);
    }

    /** Closes at once with a reset; a response still expected fails. Idempotent. */
    public void abort() {
        collector.abort();
    }
}
