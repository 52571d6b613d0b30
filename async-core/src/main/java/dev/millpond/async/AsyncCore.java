package dev.millpond.async;

import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of event loops, and what runs on them: connections, listeners, look-ups, timers.
 *
 * <p>All methods may be called from any thread. Futures complete on an event loop, so what depends on them must not
 * block; {@link #onEventLoop()} tells. An event loop has a thread of its own, but a thread that waits for a socket may
 * run it meanwhile: see {@link AsyncSocket#lead}.
 *
 * <p>What a callback throws reaches {@link SocketListener#onFailure} if it belongs to a socket that is open, else
 * {@link AsyncCoreBuilder#exceptionHandler}; it never ends a loop, or another socket.
 */
public interface AsyncCore extends Closeable {

    /** A core with default settings. */
    static AsyncCore create() {
        return builder().build();
    }

    /**
     * A handle on one core with default settings, which all who ask for it share: closing the last handle closes it.
     * Closing another one leaves its sockets, servers and timers alone, but starts nothing more.
     * {@link #onClose(Runnable)} and {@link #stats()} are the shared core's.
     */
    static AsyncCore shared() {
        return SharedCore.open();
    }

    static AsyncCoreBuilder builder() {
        return new AsyncCoreBuilder();
    }

    /** Whether the calling thread is an event loop of any core: a thread that must never wait. */
    static boolean onEventLoop() {
        return EventLoop.current() != null;
    }

    /**
     * Runs {@code task} on the event loop that calls this, once it has gone through all sockets that have something
     * now: so that what many of them bring can be dealt with together. On any other thread, runs it at once.
     */
    static void atTurnEnd(Runnable task) {
        EventLoop loop = EventLoop.current();
        if (loop != null) {
            loop.atTurnEnd(task);
        } else {
            task.run();
        }
    }

    /**
     * Connects by name or address. A name with several addresses is tried as RFC 8305 says: families interleaved, IPv6
     * first, a new attempt 250 ms after the last one or as soon as it failed; the first to connect wins.
     *
     * <p>The new socket is paused: nothing is read before {@link AsyncSocket#resume()}.
     *
     * <p>The future fails with {@link java.net.UnknownHostException}, {@link java.net.ConnectException} (refused),
     * {@link java.net.NoRouteToHostException}, {@link java.net.SocketTimeoutException} (the connect timeout, which
     * covers the look-up and all attempts) or another {@link java.io.IOException}. Cancelling the future ends all
     * attempts and closes a socket that had just connected.
     */
    CompletableFuture<AsyncSocket> connect(ConnectOptions options);

    /**
     * As {@link #connect(ConnectOptions)}, for one who needs no future. {@code onEnd} is called once, with the socket
     * or the failure, on an event loop or by the thread that has ended it: the one that cancels it, with a
     * {@link java.util.concurrent.CancellationException}, or closes the core.
     */
    Cancellable connect(ConnectOptions options, BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd);

    /** As {@link #listen(ListenOptions, Consumer)} with {@link ListenOptions#on(InetSocketAddress)}. */
    default CompletableFuture<AsyncServer> listen(InetSocketAddress address, Consumer<AsyncSocket> onAccept) {
        return listen(ListenOptions.on(address), onAccept);
    }

    /**
     * Listens on an address. {@code onAccept} runs on the event loop of each accepted socket, which is paused like a
     * connected one; with {@link ListenOptions#tls()} after the handshake, and not at all if that fails. A socket whose
     * {@code onAccept} throws is aborted.
     *
     * <p>The future fails with {@link java.net.BindException}: the address is in use, not of this machine, or not
     * allowed. If it was cancelled, nothing is left that listens.
     */
    CompletableFuture<AsyncServer> listen(ListenOptions options, Consumer<AsyncSocket> onAccept);

    /**
     * All addresses of a name, IPv6 and IPv4, from the hosts file, the cache, or a name server; a literal address
     * resolves to itself. Fails with {@link java.net.UnknownHostException}. Whoever cancels the future, here or of
     * {@link #resolveReverse}, hears of no answer any more.
     */
    CompletableFuture<List<InetAddress>> resolve(String host);

    /**
     * The name of an address, without a dot at its end: from the hosts file, the first one there, or from a name server
     * (PTR; RFC 1035, section 3.5, and RFC 3596, section 2.5). Whoever owns the address chose the name: it proves
     * nothing. Fails with {@link java.net.UnknownHostException}.
     */
    CompletableFuture<String> resolveReverse(InetAddress address);

    /**
     * Runs {@code task} soon on an event loop, never within this call; after the core has closed, never. Two tasks may
     * run on different loops, and so in any order.
     */
    void execute(Runnable task);

    /**
     * Runs {@code task} once on an event loop, {@code delay} from now; soon, if that is zero or negative; after the
     * core has closed, never.
     */
    Cancellable delay(Duration delay, Runnable task);

    /**
     * Runs {@code task} on one event loop again and again: {@code period} from now, and then each time {@code period}
     * after the last run ended, until it is cancelled or the core closes. A run that throws is not the last.
     *
     * @throws IllegalArgumentException if the period is not positive
     */
    Cancellable interval(Duration period, Runnable task);

    /**
     * A way to run {@code task} on one event loop, never twice at a time, that many threads may trigger often. It needs
     * not be closed.
     */
    Notifier notifier(Runnable task);

    /** Takes time in proportion to the connections that are open. */
    CoreStats stats();

    /**
     * Runs {@code action} once when the core has closed: last in {@link #close()}, on the thread that closes it, and at
     * once if it has closed already. Several run in no particular order.
     */
    void onClose(Runnable action);

    /**
     * Aborts every socket (listeners get {@link SocketListener#onFailure}), fails pending connects and look-ups, drops
     * timers, and ends the loops. Waits for them for at most a few seconds, unless called on one of them. Idempotent.
     */
    @Override
    void close();
}
