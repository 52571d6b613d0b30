package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connect: look up, then attempts as RFC 8305 says. All state belongs to one event loop, on which the attempts'
 * channels live too. It is over when {@link #result} is done, whoever completed it: a winner, the last failure, the
 * timeout, the caller's cancel or the closing core.
 */
final class Connector {

    /** RFC 8305, section 5. */
    private static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    private final ConnectOptions options;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Function<SocketChannel, NettySocket> sockets;
    private final CompletableFuture<AsyncSocket> result = new CompletableFuture<>();

    private final Queue<InetAddress> untried = new ArrayDeque<>();
    private final Map<ChannelFuture, InetSocketAddress> attempts = new LinkedHashMap<>();
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
        try {
            loop.execute(() -> start(resolver));
        } catch (RejectedExecutionException loopIsGone) {
            result.completeExceptionally(Failures.coreClosed());
        }
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
        if (found == null || found.isEmpty()) {
            result.completeExceptionally(
                    cause == null
                            ? Failures.unknownHost(options.host(), "no addresses", null)
                            : Failures.ofLookUp(options.host(), cause));
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
        attempts.put(attempt, target);
        if (!untried.isEmpty()) {
            nextAttempt = Timers.delay(loop, ATTEMPT_DELAY, this::attemptNext);
        }
        attempt.addListener(done -> onLoop(() -> ended(attempt, target)));
    }

    private void ended(ChannelFuture attempt, InetSocketAddress target) {
        attempts.remove(attempt);
        if (attempt.isSuccess()) {
            connected((SocketChannel) attempt.channel());
        } else if (!result.isDone()) {
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
        List.copyOf(attempts.keySet()).forEach(attempt -> attempt.channel().close());
        attempts.clear();
    }

    private void failIfNothingIsLeft() {
        if (attempts.isEmpty() && !result.isDone()) {
            IOException telling = Collections.min(failures, Comparator.comparing(Connector::rank));
            failures.stream().filter(other -> other != telling).forEach(telling::addSuppressed);
            result.completeExceptionally(telling);
        }
    }

    /** Trouble of this side tells most, such as too many open files; then a host that answered. */
    private static int rank(IOException failure) {
        if (failure instanceof ConnectException) {
            return 1;
        }
        return failure instanceof NoRouteToHostException ? 2 : 0;
    }

    private void timedOut() {
        StringJoiner state = new StringJoiner(", ");
        if (attempts.isEmpty() && failures.isEmpty()) {
            state.add("no answer to the look-up");
        }
        attempts.forEach((attempt, target) -> state.add("no answer from " + address(target)));
        failures.forEach(failure -> state.add(String.valueOf(failure.getMessage())));
        SocketTimeoutException timeout = new SocketTimeoutException("connect to %s:%d timed out after %s: %s"
                .formatted(options.host(), options.port(), Failures.brief(options.connectTimeout()), state));
        failures.forEach(timeout::addSuppressed);
        result.completeExceptionally(timeout);
    }

    private String describe(InetSocketAddress target) {
        String address = address(target);
        return options.host().equals(target.getAddress().getHostAddress()) ? address : options.host() + "/" + address;
    }

    private static String address(InetSocketAddress target) {
        String host = target.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + target.getPort();
    }

    /** A channel that could not even be made reports on a thread of its own. */
    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
