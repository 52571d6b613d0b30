package dev.millpond.async.netty;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncCoreBuilder;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.CoreStats;
import dev.millpond.async.ListenOptions;
import dev.millpond.async.NameResolver;
import dev.millpond.async.Notifier;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A core on Netty's event loops. */
final class NettyCore implements AsyncCore {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Transport transport;
    private final MultiThreadIoEventLoopGroup loops;
    private final Names names;
    private final NameResolver resolver;
    private final Counters counters = new Counters();
    private final Callbacks callbacks;
    private final Timers timers;
    private final ThreadPoolExecutor fileReaders = FileReaders.newPool();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Function<String, CompletableFuture<List<InetAddress>>> lookUps = this::resolve;
    private final Function<DuplexChannel, NettySocket> connections = this::connected;
    private final Set<NettySocket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<NettyServer> servers = ConcurrentHashMap.newKeySet();
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();

    NettyCore(AsyncCoreBuilder settings) {
        transport = Transport.choose(settings.nativeTransport());
        loops = transport.loops(settings.eventLoopThreads());
        callbacks = new Callbacks(settings.exceptionHandler());
        timers = new Timers(counters, callbacks);
        names = new Names(loops.next(), timers, transport, settings.nameServers());
        NameResolver custom = settings.nameResolver();
        // A copy: another resolver may hand the same future to many, and ours may be cancelled.
        resolver = custom != null ? host -> custom.resolve(host).copy() : names;
        Channels.load(transport);
    }

    @Override
    public CompletableFuture<AsyncSocket> connect(ConnectOptions options) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(Failures.coreClosed());
        }
        return begin(options, NettyCore::tellNobody);
    }

    @Override
    public Cancellable connect(ConnectOptions options, BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd) {
        if (closed.get()) {
            callbacks.run(() -> onEnd.accept(null, Failures.coreClosed()));
            return () -> {};
        }
        return begin(options, onEnd);
    }

    private static void tellNobody(@Nullable AsyncSocket socket, @Nullable Throwable failure) {}

    private Connector begin(ConnectOptions options, BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd) {
        Connector connector = new Connector(
                options, loops.next(), timers, transport, lookUps, connections, pending, callbacks, onEnd);
        connector.connect();
        return unlessClosed(connector);
    }

    private NettySocket connected(DuplexChannel channel) {
        counters.connected.increment();
        return open(channel);
    }

    private NettySocket open(DuplexChannel channel) {
        NettySocket socket = new NettySocket(channel, counters, timers, callbacks, fileReaders);
        sockets.add(socket);
        channel.closeFuture().addListener(done -> {
            sockets.remove(socket);
            socket.forgotten();
        });
        if (closed.get()) {
            socket.kill(Failures.coreClosed());
        }
        return socket;
    }

    @Override
    public CompletableFuture<AsyncServer> listen(ListenOptions options, Consumer<AsyncSocket> onAccept) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(Failures.coreClosed());
        }
        // Netty's epoll would delete the file, whoever listens there.
        if (options.address() instanceof UnixDomainSocketAddress unix && Files.exists(unix.getPath())) {
            return CompletableFuture.failedFuture(
                    Failures.ofListen(new BindException("address already in use"), unix.toString()));
        }
        CompletableFuture<AsyncServer> result = new CompletableFuture<>();
        ChannelFuture bound = bootstrap(options)
                .childHandler(new Acceptor(options.tls(), this::accepted, onAccept, callbacks))
                .bind(transport.address(options.address()));
        bound.addListener(done -> {
            if (done.isSuccess()) {
                listening(bound.channel(), result);
            } else {
                result.completeExceptionally(
                        Failures.ofListen(done.cause(), options.address().toString()));
            }
        });
        return track(result);
    }

    private ServerBootstrap bootstrap(ListenOptions options) {
        boolean unix = options.address() instanceof UnixDomainSocketAddress;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(unix ? transport::newDomainServer : transport::newServer)
                .option(ChannelOption.SO_BACKLOG, options.backlog())
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.AUTO_CLOSE, false);
        if (transport.halfCloses(options.address())) {
            bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        if (!unix) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true).childOption(ChannelOption.TCP_NODELAY, true);
        }
        return bootstrap;
    }

    private NettySocket accepted(DuplexChannel channel) {
        counters.accepted.increment();
        return open(channel);
    }

    private void listening(Channel channel, CompletableFuture<AsyncServer> result) {
        NettyServer server = new NettyServer(channel);
        servers.add(server);
        channel.closeFuture().addListener(done -> servers.remove(server));
        if (!result.complete(server) || closed.get()) {
            server.close();
        }
    }

    @Override
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(Failures.coreClosed());
        }
        try {
            List<InetAddress> literal = names.literal(host);
            return literal != null ? CompletableFuture.completedFuture(literal) : lookUp(resolver.resolve(host));
        } catch (UnknownHostException | RuntimeException unusable) {
            return CompletableFuture.failedFuture(Failures.ofLookUp(host, unusable));
        }
    }

    @Override
    public CompletableFuture<String> resolveReverse(InetAddress address) {
        return closed.get()
                ? CompletableFuture.failedFuture(Failures.coreClosed())
                : lookUp(names.resolveReverse(address));
    }

    private <T> CompletableFuture<T> lookUp(CompletableFuture<T> answer) {
        if (answer.isDone()) {
            return answer;
        }
        counters.lookUps.increment();
        CompletableFuture<T> result = new CompletableFuture<>();
        answer.whenComplete((found, cause) -> {
            // First, so that whoever depends on the future finds it counted no more.
            counters.lookUps.decrement();
            if (cause == null) {
                result.complete(found);
            } else {
                result.completeExceptionally(cause);
            }
        });
        result.whenComplete((found, cause) -> answer.cancel(false));
        return track(result);
    }

    /** So that {@link #close()} can fail it. */
    @SuppressWarnings("CollectionUndefinedEquality") // futures are like themselves only
    private <T> CompletableFuture<T> track(CompletableFuture<T> future) {
        pending.add(future);
        future.whenComplete((done, cause) -> pending.remove(future));
        return unlessClosed(future);
    }

    /** Fails what has become pending too late for {@link #close()}, which may have gone over the others by then. */
    private <T extends CompletableFuture<?>> T unlessClosed(T future) {
        if (closed.get()) {
            abandon(future);
        }
        return future;
    }

    private static void abandon(CompletableFuture<?> future) {
        future.completeExceptionally(Failures.coreClosed());
    }

    @Override
    public void execute(Runnable task) {
        try {
            loops.next().execute(() -> callbacks.run(task));
        } catch (RejectedExecutionException coreClosed) {
            // As documented: never.
        }
    }

    @Override
    public Cancellable delay(Duration delay, Runnable task) {
        return timers.delay(loops.next(), delay, task);
    }

    @Override
    public Cancellable interval(Duration period, Runnable task) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period: expected more than zero, got " + period);
        }
        return timers.interval(loops.next(), period, task);
    }

    @Override
    public Notifier notifier(Runnable task) {
        return new LoopNotifier(loops.next(), callbacks, task);
    }

    @Override
    public CoreStats stats() {
        long open = 0;
        long pendingWrites = 0;
        long pendingWriteBytes = 0;
        for (NettySocket socket : sockets) {
            open++;
            pendingWrites += socket.pendingWrites();
            pendingWriteBytes += socket.pendingBytes();
        }
        return counters.snapshot(transport.name(), open, pendingWrites, pendingWriteBytes);
    }

    @Override
    public void onClose(Runnable action) {
        ended.thenRun(() -> callbacks.run(action));
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        pending.forEach(NettyCore::abandon);
        servers.forEach(NettyServer::close);
        sockets.forEach(socket -> socket.kill(Failures.coreClosed()));
        names.close();
        fileReaders.shutdown();
        // Behind what was just handed to them: a loop that ends closes its channels without a word about why.
        loops.forEach(
                loop -> loop.execute(() -> loop.shutdownGracefully(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)));
        if (!AsyncCore.onEventLoop()) {
            awaitEnd();
        }
        ended.complete(null);
    }

    private void awaitEnd() {
        try {
            loops.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            counters.timers.reset(); // the loops have dropped them
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
