package dev.millpond.async;

import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A set of event loops, and what runs on them: connections, listeners, look-ups, timers.
 *
 * <p>All methods may be called from any thread. Futures complete on an event loop, so what depends on them must not
 * block; {@link #onEventLoop()} tells.
 */
public interface AsyncCore extends Closeable {

    /** A core with default settings. */
    static AsyncCore create() {
        return builder().build();
    }

    static AsyncCoreBuilder builder() {
        return new AsyncCoreBuilder();
    }

    /** Whether the calling thread is an event loop of any core: a thread that must never wait. */
    static boolean onEventLoop() {
        return Thread.currentThread() instanceof EventLoopThread;
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
     * Listens on an address; port 0 picks a free one. {@code onAccept} runs on the event loop of each accepted socket,
     * which is paused like a connected one.
     */
    CompletableFuture<AsyncServer> listen(InetSocketAddress address, Consumer<AsyncSocket> onAccept);

    /**
     * All addresses of a name, IPv6 and IPv4, from the hosts file, the cache, or a name server; a literal address
     * resolves to itself. Fails with {@link java.net.UnknownHostException}.
     */
    CompletableFuture<List<InetAddress>> resolve(String host);

    /** Runs {@code task} once on an event loop, {@code delay} from now. */
    Cancellable delay(Duration delay, Runnable task);

    CoreStats stats();

    /**
     * Aborts every socket (listeners get {@link SocketListener#onFailure}), fails pending connects and look-ups, drops
     * timers, and ends the loops. Waits for them for at most a few seconds, unless called on one of them. Idempotent.
     */
    @Override
    void close();
}
