package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connect: look up, then attempts as RFC 8305 says. All state belongs to one event loop, on which the attempts'
 * channels live too. It is over when {@link #result} is done, whoever completed it: a winner, the last failure, the
 * timeout, the caller's cancel or the closing core.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever waits for one listens to it
final class Connector {

    /** RFC 8305, section 5. */
    private static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    private final ConnectOptions options;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Function<SocketChannel, NettySocket> sockets;
    private final CompletableFuture<AsyncSocket> result = new CompletableFuture<>();

    private final Queue<InetAddress> untried = new ArrayDeque<>();
    private final Set<ChannelFuture> attempts = new LinkedHashSet<>();
    private final List<IOException> failures = new ArrayList<>();
    private Cancellable nextAttempt = () -> {};
    private @Nullable CompletableFuture<List<InetAddress>> lookUp;

    Connector(
            ConnectOptions options, EventLoop loop, Bootstrap bootstrap, Function<SocketChannel, NettySocket> sockets) {
        this.options = options;
        this.loop = loop;
        this.bootstrap = bootstrap;
        this.sockets = sockets;
    }

    /** Starts, and returns the future of the connected socket. On any thread. */
    CompletableFuture<AsyncSocket> connect(Function<String, CompletableFuture<List<InetAddress>>> resolver) {
        loop.execute(() -> start(resolver));
        return result;
    }

    private void start(Function<String, CompletableFuture<List<InetAddress>>> resolver) {
        Cancellable timeout = Timers.delay(loop, options.connectTimeout(), this::timedOut);
        result.whenComplete((socket, cause) -> {
            timeout.cancel();
            if (cause != null) {
                // Perhaps on another thread, the one that cancels; the attempts belong to the loop.
                loop.execute(this::giveUp);
            }
        });
        if (result.isDone()) {
            return;
        }
        CompletableFuture<List<InetAddress>> addresses = resolver.apply(options.host());
        lookUp = addresses;
        addresses.whenComplete((found, cause) -> loop.execute(() -> lookedUp(found, cause)));
    }

    private void lookedUp(@Nullable List<InetAddress> found, @Nullable Throwable cause) {
        if (result.isDone()) {
            return;
        }
        if (found == null || cause != null) {
            result.completeExceptionally(cause == null ? new IOException("no addresses") : Failures.ofStream(cause));
            return;
        }
        untried.addAll(interleaved(found));
        attemptNext();
    }

    /** IPv6 first, then families in turn, each in the resolver's order (RFC 8305, section 4). */
    static List<InetAddress> interleaved(List<InetAddress> addresses) {
        Queue<InetAddress> six = new ArrayDeque<>();
        Queue<InetAddress> four = new ArrayDeque<>();
        addresses.forEach(address -> (address.getAddress().length == 16 ? six : four).add(address));
        List<InetAddress> mixed = new ArrayList<>(addresses.size());
        while (!six.isEmpty() || !four.isEmpty()) {
            if (!six.isEmpty()) {
                mixed.add(six.remove());
            }
            if (!four.isEmpty()) {
                mixed.add(four.remove());
            }
        }
        return mixed;
    }

    private void attemptNext() {
        nextAttempt.cancel();
        InetAddress address = untried.poll();
        if (address == null) {
            failIfNothingIsLeft();
            return;
        }
        InetSocketAddress target = new InetSocketAddress(address, options.port());
        ChannelFuture attempt = bootstrap.connect(target, options.localAddress());
        attempts.add(attempt);
        if (!untried.isEmpty()) {
            nextAttempt = Timers.delay(loop, ATTEMPT_DELAY, this::attemptNext);
        }
        attempt.addListener(done -> ended(attempt, target));
    }

    private void ended(ChannelFuture attempt, InetSocketAddress target) {
        attempts.remove(attempt);
        if (attempt.isSuccess()) {
            connected((SocketChannel) attempt.channel());
        } else if (!result.isDone()) {
            attempt.channel().close();
            failures.add(Failures.ofConnect(attempt.cause(), describe(target)));
            attemptNext();
        }
    }

    private void connected(SocketChannel channel) {
        if (result.isDone()) {
            channel.close();
            return;
        }
        NettySocket socket = sockets.apply(channel);
        if (result.complete(socket)) {
            giveUp();
        } else {
            // Cancelled between the check and here.
            socket.abort();
        }
    }

    private void giveUp() {
        nextAttempt.cancel();
        untried.clear();
        if (lookUp != null) {
            lookUp.cancel(false);
        }
        List.copyOf(attempts).forEach(attempt -> attempt.channel().close());
        attempts.clear();
    }

    private void failIfNothingIsLeft() {
        if (attempts.isEmpty() && !result.isDone()) {
            IOException telling = failures.get(0);
            failures.stream().skip(1).forEach(telling::addSuppressed);
            result.completeExceptionally(telling);
        }
    }

    private void timedOut() {
        result.completeExceptionally(new SocketTimeoutException("connect to " + options.host() + ":" + options.port()
                + " timed out after " + options.connectTimeout().toMillis() + " ms"));
    }

    private String describe(InetSocketAddress target) {
        return options.host() + "/" + target.getAddress().getHostAddress() + ":" + target.getPort();
    }
}
