package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connect: look up, then attempts as RFC 8305 says. Once begun, all state belongs to one event loop, on which the
 * attempts' channels live too. It is over when it is done, whoever completed it: a winner, the last failure, the
 * timeout, the caller's cancel or the closing core.
 */
final class Connector extends CompletableFuture<AsyncSocket> implements Cancellable, Runnable {

    /** RFC 8305, section 5. */
    private static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    private static final Cancellable NOTHING = () -> {};

    private final ConnectOptions options;
    private final EventLoop loop;
    private final Timers timers;
    private final Transport transport;
    private final Function<String, CompletableFuture<List<InetAddress>>> resolver;
    private final Function<DuplexChannel, NettySocket> sockets;
    private final Set<CompletableFuture<?>> pending;
    private final Callbacks callbacks;
    private final BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd;

    private List<? extends SocketAddress> targets = List.of();
    private int tried;

    /** Those that have not failed, and have not won. */
    private final List<Attempt> attempts = new ArrayList<>(1);

    private final List<IOException> failures = new ArrayList<>(0);
    private Cancellable limit = NOTHING;
    private Cancellable nextAttempt = NOTHING;
    private @Nullable CompletableFuture<List<InetAddress>> lookUp;
    private long deadline;

    /** A channel for the first attempt. Not the loop's before that takes it: whoever ends this may have to close it. */
    private @Nullable DuplexChannel first;

    /** The one attempt takes the first bytes along. */
    private boolean carrying;

    Connector(
            ConnectOptions options,
            EventLoop loop,
            Timers timers,
            Transport transport,
            Function<String, CompletableFuture<List<InetAddress>>> resolver,
            Function<DuplexChannel, NettySocket> sockets,
            Set<CompletableFuture<?>> pending,
            Callbacks callbacks,
            BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd) {
        this.options = options;
        this.loop = loop;
        this.timers = timers;
        this.transport = transport;
        this.resolver = resolver;
        this.sockets = sockets;
        this.pending = pending;
        this.callbacks = callbacks;
        this.onEnd = onEnd;
    }

    /**
     * On any thread, which does what needs no event loop: a look-up that needs no answer, and opening the first
     * channel. So a thread that connects to many at once has its share in it, and the loop begins to connect meanwhile.
     */
    void connect() {
        pending.add(this);
        if (!options.addresses().isEmpty()) {
            begin(options.addresses());
        } else if (options.socksProxy() == null && options.target() instanceof InetSocketAddress named) {
            lookUp(named);
        } else {
            // A Unix domain socket, or a name that the proxy looks up.
            begin(List.of(options.target()));
        }
    }

    private void begin(List<? extends SocketAddress> addresses) {
        targets = addresses;
        openFirst();
        start();
    }

    private void lookUp(InetSocketAddress named) {
        CompletableFuture<List<InetAddress>> addresses = resolver.apply(named.getHostString());
        if (addresses.isDone()
                && !addresses.isCompletedExceptionally()
                && !addresses.join().isEmpty()) {
            // As most are: known, with nothing to wait for.
            begin(socketAddresses(addresses.join(), named.getPort()));
            return;
        }
        lookUp = addresses;
        start();
        addresses.whenCompleteAsync((found, cause) -> lookedUp(named, found, cause), loop);
    }

    private void start() {
        try {
            loop.execute(this);
        } catch (RejectedExecutionException loopIsGone) {
            completeExceptionally(Failures.coreClosed());
        }
    }

    private void openFirst() {
        try {
            put(Channels.open(transport, loop, options));
        } catch (RuntimeException refused) {
            // The attempt will say so.
            return;
        }
        if (isDone()) {
            closeFirst();
        }
    }

    private synchronized void put(DuplexChannel opened) {
        first = opened;
    }

    private synchronized @Nullable DuplexChannel takeFirst() {
        DuplexChannel taken = first;
        first = null;
        return taken;
    }

    private void closeFirst() {
        DuplexChannel unused = takeFirst();
        if (unused != null) {
            unused.unsafe().closeForcibly();
        }
    }

    @Override
    public boolean complete(AsyncSocket socket) {
        boolean completed = super.complete(socket);
        forget();
        if (completed) {
            tell(socket, null);
        }
        return completed;
    }

    @Override
    public boolean completeExceptionally(Throwable cause) {
        return failed(super.completeExceptionally(cause), cause);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return failed(super.cancel(mayInterruptIfRunning), new CancellationException());
    }

    @Override
    public void cancel() {
        cancel(false);
    }

    /** Perhaps on the thread that cancels, but the attempts are the loop's. */
    private boolean failed(boolean now, Throwable cause) {
        forget();
        if (now) {
            closeFirst();
            tell(null, cause);
            try {
                loop.execute(this::giveUp);
            } catch (RejectedExecutionException loopIsGone) {
                // And its channels with it.
            }
        }
        return now;
    }

    private void tell(@Nullable AsyncSocket socket, @Nullable Throwable failure) {
        try {
            onEnd.accept(socket, failure);
        } catch (Throwable thrown) {
            callbacks.threw(thrown);
        }
    }

    @SuppressWarnings("CollectionUndefinedEquality") // futures are like themselves only
    private void forget() {
        pending.remove(this);
    }

    /** Begins, on the event loop. */
    @Override
    public void run() {
        if (isDone()) {
            return;
        }
        deadline = System.nanoTime() + Timers.nanos(options.connectTimeout());
        limit = timers.delay(loop, options.connectTimeout(), this::timedOut);
        if (!targets.isEmpty()) {
            attemptFirst();
        }
    }

    private void lookedUp(InetSocketAddress named, @Nullable List<InetAddress> found, @Nullable Throwable cause) {
        if (isDone()) {
            return;
        }
        if (found == null || found.isEmpty()) {
            completeExceptionally(
                    cause == null
                            ? Failures.unknownHost(named.getHostString(), "no addresses", null)
                            : Failures.ofLookUp(named.getHostString(), cause));
            return;
        }
        targets = socketAddresses(found, named.getPort());
        attemptFirst();
    }

    private static List<InetSocketAddress> socketAddresses(List<InetAddress> found, int port) {
        if (found.size() == 1) {
            return List.of(new InetSocketAddress(found.get(0), port));
        }
        List<InetSocketAddress> addresses = new ArrayList<>(found.size());
        for (InetAddress address : interleaved(found)) {
            addresses.add(new InetSocketAddress(address, port));
        }
        return addresses;
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

    private void attemptFirst() {
        // With more than one address the bytes might reach two peers.
        carrying = transport.fastOpen()
                && options.firstBytes() != null
                && options.socksProxy() == null
                && targets.size() == 1
                && targets.get(0) instanceof InetSocketAddress;
        attemptNext();
    }

    private void attemptNext() {
        nextAttempt.cancel();
        if (tried == targets.size()) {
            failIfNothingIsLeft();
            return;
        }
        SocketAddress target = targets.get(tried++);
        if (options.socksProxy() == null && target instanceof InetSocketAddress named && named.isUnresolved()) {
            failures.add(Failures.unknownHost(named.getHostString(), "not resolved", null));
            attemptNext();
            return;
        }
        Attempt attempt = new Attempt(target);
        attempts.add(attempt);
        if (tried < targets.size()) {
            nextAttempt = timers.delay(loop, ATTEMPT_DELAY, this::attemptNext);
        }
        if (tried == 1) {
            attempt.register();
        } else {
            // Addresses that fail at once would make for a deep stack.
            loop.execute(attempt::register);
        }
    }

    /**
     * One address: its channel is registered with the loop, then connected, then led through the proxy. Connecting is a
     * task of its own: of fewer kinds of tasks, the JIT compiler would inline all that they do into what runs them, and
     * compile it for each of them once more.
     */
    private final class Attempt implements Runnable, ChannelFutureListener {

        private final SocketAddress target;
        private @Nullable DuplexChannel channel;

        Attempt(SocketAddress target) {
            this.target = target;
        }

        void register() {
            if (isDone()) {
                return;
            }
            try {
                DuplexChannel ready = takeFirst();
                DuplexChannel opened = ready != null ? ready : Channels.open(transport, loop, options);
                channel = opened;
                if (options.socksProxy() != null) {
                    Socks.through(options.socksProxy(), opened);
                }
                ChannelFuture registering = loop.register(opened);
                if (registering.isDone()) {
                    registered(registering);
                } else {
                    registering.addListener(this::registered);
                }
            } catch (IllegalArgumentException unknownOption) {
                completeExceptionally(unknownOption);
            } catch (RuntimeException noChannel) {
                failed(Failures.ofConnect(noChannel, describe(target)));
            }
        }

        private void registered(Future<?> ended) {
            if (ended.isSuccess()) {
                loop.execute(this);
            } else {
                failed(Failures.ofConnect(ended.cause(), describe(target)));
            }
        }

        /** Connects. */
        @Override
        public void run() {
            DuplexChannel registered = Objects.requireNonNull(channel);
            if (carrying) {
                FastOpen.carry(registered, firstBytes());
            }
            ChannelPromise connecting = registered.newPromise().addListener(this);
            if (options.socksProxy() == null) {
                // Nobody in the pipeline has a part in it.
                registered.unsafe().connect(transport.address(target), options.localAddress(), connecting);
            } else {
                registered.connect(transport.address(target), options.localAddress(), connecting);
            }
        }

        @Override
        public void operationComplete(ChannelFuture ended) {
            if (!ended.isSuccess()) {
                failed(Failures.ofConnect(ended.cause(), describe(target)));
                return;
            }
            NettySocket socket = sockets.apply((DuplexChannel) ended.channel());
            if (options.socksProxy() == null) {
                connected(this, socket);
                return;
            }
            // The socket is there already, so that what follows the proxy's answer finds its way.
            Socks.answer(ended.channel()).addListener(answered -> {
                if (answered.isSuccess()) {
                    connected(this, socket);
                } else {
                    failed(Failures.ofProxy(answered.cause(), describe(target)));
                }
            });
        }

        void failed(IOException failure) {
            close();
            attempts.remove(this);
            if (!isDone()) {
                failures.add(failure);
                attemptNext();
            }
        }

        void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }

    private void connected(Attempt winner, NettySocket socket) {
        attempts.remove(winner);
        if (options.firstBytes() != null && !isDone()) {
            // Before the caller knows the socket, and could write to it.
            sendFirstBytes(socket, describe(winner.target));
        }
        // Another attempt may have won, or the caller have cancelled.
        if (complete(socket)) {
            giveUp();
        } else {
            socket.abort();
        }
    }

    private void sendFirstBytes(NettySocket socket, String target) {
        if (!carrying) {
            socket.write(firstBytes());
            return;
        }
        Channel channel = socket.channel;
        socket.counters().bytesWritten.add(firstBytes().remaining());
        channel.flush();
        if (FastOpen.unanswered(channel)) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            Cancellable limit = timers.delay(loop, left, () -> {
                if (FastOpen.unanswered(channel)) {
                    socket.fail(new SocketTimeoutException("connect timed out after %s: no answer from %s"
                            .formatted(Failures.brief(options.connectTimeout()), target)));
                }
            });
            channel.closeFuture().addListener(done -> limit.cancel());
        }
    }

    private ByteBuffer firstBytes() {
        ByteBuffer bytes = options.firstBytes();
        // A duplicate: the options may be used again.
        return bytes == null ? ByteBuffer.allocate(0) : bytes.duplicate();
    }

    private void giveUp() {
        limit.cancel();
        nextAttempt.cancel();
        tried = targets.size();
        if (lookUp != null) {
            lookUp.cancel(false);
        }
        while (!attempts.isEmpty()) {
            attempts.remove(0).close();
        }
    }

    private void failIfNothingIsLeft() {
        if (attempts.isEmpty() && !isDone()) {
            IOException telling = Collections.min(failures, Comparator.comparing(Connector::rank));
            failures.stream().filter(other -> other != telling).forEach(telling::addSuppressed);
            completeExceptionally(telling);
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
        attempts.forEach(attempt -> state.add("no answer from " + Addresses.text(attempt.target)));
        failures.forEach(failure -> state.add(String.valueOf(failure.getMessage())));
        SocketTimeoutException timeout = new SocketTimeoutException("connect timed out after %s: %s: %s"
                .formatted(Failures.brief(options.connectTimeout()), Addresses.text(options.target()), state));
        failures.forEach(timeout::addSuppressed);
        completeExceptionally(timeout);
    }

    /** Says also which name an address belongs to. */
    private String describe(SocketAddress target) {
        String address = Addresses.text(target);
        String name = Addresses.host(options.target());
        return name.isEmpty() || name.equals(Addresses.host(target)) ? address : name + "/" + address;
    }
}
