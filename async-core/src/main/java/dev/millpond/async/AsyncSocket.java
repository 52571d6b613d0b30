package dev.millpond.async;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One connection. Bytes, end and failure go to its {@link SocketListener}. All methods may be called from any thread;
 * futures complete on the socket's event loop.
 *
 * <p>Life: paused, then reading, until {@link #close()}, {@link #abort()} or a failure. The peer's end of stream does
 * not close it.
 */
public interface AsyncSocket {

    /**
     * Sets or swaps the listener. On the event loop it takes effect at once, elsewhere soon; set it before the first
     * {@link #resume()}.
     */
    void listener(SocketListener listener);

    /**
     * Writes all of {@code bytes}, in the order of the calls. The buffer must not be changed before the future is done.
     * Never waits: a caller that writes much keeps to {@link #writable()}.
     *
     * <p>The future fails with {@link java.net.SocketException} when the socket is closed or the peer does not receive;
     * reading goes on even then, as the peer may have answered before it stopped to receive.
     */
    CompletableFuture<Void> write(ByteBuffer bytes);

    /**
     * Writes {@code count} bytes of {@code file} from {@code position} on, in the order of the calls, without a copy
     * through the heap where the connection is not secured, else through a small buffer. The file's own position is
     * neither used nor changed. The file stays open: it is the caller's to close once the future is done, and not to be
     * cut short before.
     *
     * <p>The future fails as that of {@link #write(ByteBuffer)}, and with {@link FileReadException} if the file can't
     * be read or has fewer bytes: then the socket fails too, with a reset, as a part may have been sent. So it does
     * when the future is cancelled or completed by its caller, who may close the file once {@link #closed()} is done.
     *
     * @throws IllegalArgumentException if position or count is negative, or their sum no {@code long}
     */
    CompletableFuture<Void> write(FileChannel file, long position, long count);

    /** Whether the operating system has taken all that was written so far. */
    boolean allSent();

    /**
     * A measure of how sending gets on: it grows whenever the operating system takes some of the bytes that wait, long
     * before a large write is done, and stands still as long as it takes none, because the peer doesn't read. Only its
     * changes mean something.
     */
    long sendProgress();

    /**
     * Whether little enough waits to be sent. False from 64 KiB, true again below 32 KiB
     * ({@link SocketListener#onWritable()}). Whoever pauses another socket because of this one asks again after that:
     * the other may have another event loop, and {@code onWritable} have been called in between.
     */
    boolean writable();

    /**
     * Keeps received bytes without a copy. Null where a copy is better: where they are few, or few for the memory that
     * they are in, or where the core retains much already. To be called in {@link SocketListener#onBytes} only.
     *
     * @param bytes the buffer it was called with, or a view of it
     * @throws IllegalStateException if it is not being called
     */
    @Nullable
    RetainedBytes retain(ByteBuffer bytes);

    /** Stops reading, so that TCP slows the peer down. Bytes already read may still arrive. */
    void pause();

    /** Starts reading, or goes on. */
    void resume();

    /**
     * Limits how long nothing may happen; until then, and with zero, there is no limit. Beyond it the socket fails:
     * {@link SocketListener#onFailure} gets a {@link java.net.SocketTimeoutException}.
     *
     * @param read how long no byte may arrive while the socket is reading; it starts over at {@link #resume()}, and
     *     ends with the peer's end
     * @param write how long the operating system may take none of the bytes that wait to be sent, because the peer
     *     doesn't read; noticed at the latest after twice that time. Not for bytes that wait when {@link #close()} is
     *     called: these have a limit of their own.
     * @throws IllegalArgumentException if one is negative
     */
    void timeouts(Duration read, Duration write);

    /**
     * Secures the connection; must not overlap with writes. Fails with {@link javax.net.ssl.SSLException} (no trust,
     * wrong name, no common protocol) or {@link java.net.SocketTimeoutException}, and then the socket is closed.
     */
    CompletableFuture<SSLSession> startTls(TlsOptions options);

    /** The session, or null if the connection is not secured. */
    @Nullable
    SSLSession tlsSession();

    /**
     * The protocol that ALPN (RFC 7301) has chosen, of {@link TlsOptions#applicationProtocols()}; null if the
     * connection is not secured, or none was chosen.
     */
    @Nullable
    String applicationProtocol();

    /**
     * Sends what was written, then FIN (over TLS {@code close_notify} first). Reading goes on; once the peer has ended
     * too, the socket closes. Later writes fail. The future fails as that of a {@link #write} does. Idempotent.
     */
    CompletableFuture<Void> shutdownOutput();

    /**
     * Sends what was written, then closes; a peer that does not receive is given a few seconds. The listener is called
     * no more. Idempotent.
     */
    void close();

    /** Closes at once with a reset and drops what was not sent. The listener is called no more. Idempotent. */
    void abort();

    /** False from the moment the socket is closed, from either side or by a failure. */
    boolean isOpen();

    /** Completes once the descriptor is released, for whatever reason. Never fails. */
    CompletableFuture<Void> closed();

    /**
     * An {@link java.net.InetSocketAddress}, or a {@link java.net.UnixDomainSocketAddress}, whose path is empty where
     * that side has none; also after the socket was closed.
     */
    SocketAddress localAddress();

    /** As {@link #localAddress()}, of the other side. */
    SocketAddress remoteAddress();

    /** Whether the calling thread is this socket's event loop. */
    boolean inEventLoop();

    /**
     * Runs {@code task} on this socket's event loop, in the order of the calls; after the core has closed, never. What
     * it throws fails this socket, like a listener that throws.
     */
    void execute(Runnable task);

    /**
     * As {@link #execute}, but within this call, on the calling thread, if nobody runs the event loop now. For a thread
     * that is about to {@link #lead}: it holds no lock that a callback needs.
     */
    default void executeHere(Runnable task) {
        execute(task);
    }

    /** Whether the calling thread has left this socket's event loop for a moment: see {@link EventLoop#lead}. */
    default boolean comesBack() {
        return false;
    }

    /**
     * Runs the event loop on the calling thread, which waits for something of this socket, until {@code over}: so it
     * need not be woken up. This ends early when somebody else needs the loop, when the calling thread is interrupted,
     * or after {@code nanos}. If the socket is not {@link #patient} then, the thread is expected to come back for more:
     * until it does, for 50 ms, nobody may run the loop.
     *
     * <p>Where the loop's own thread runs it now, this is false until some calls have come soon one after another: then
     * it waits for the loop, and gets it if there are no others to be cared for. False at once where another thread
     * runs it, on a virtual thread, on an event loop, on a thread that is interrupted, and if the transport is not
     * epoll. Then it has to wait as ever.
     *
     * @param over asked after each turn, of which a task of {@link #execute} makes one
     */
    default boolean lead(BooleanSupplier over, long nanos) {
        return false;
    }

    /**
     * Lets the event loop see what has come until now, within this call, if nobody runs it: so that a {@link #patient}
     * socket that the peer has closed is known to be closed. Never waits.
     */
    default void catchUp() {}

    /**
     * Whether what comes to this socket may be told of some 50 ms late, as nobody waits for it, or only one who
     * {@link #lead leads}; false at first. On the event loop.
     */
    default void patient(boolean on) {}

    /** As {@link #execute}, but {@code delay} from now; at once if that is zero or negative. */
    Cancellable delay(Duration delay, Runnable task);
}
