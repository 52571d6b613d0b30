package dev.millpond.http.connect;

import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.NoResponseException;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.http.message.Failures;
import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteTracker;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.routing.BasicRouteDirector;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.HttpRouteDirector;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One connection on its way along a route, step by step as Apache's director says, without waiting for any. Steps
 * follow one another, on whatever threads. When it has failed or was cancelled, what is held is let go of, and a step
 * that is still to come does nothing.
 */
public final class Connecting implements Cancellable {

    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** What needs not be let go of. */
    private static final class Nothing implements Cancellable {
        @Override
        public void cancel() {}
    }

    private static final Cancellable OVER = new Nothing();

    private final Connector connector;
    private final HttpRoute route;
    private final ResponseLimits limits;
    private final long startedAt;
    private final HttpClientContext context;
    private final RequestConfig request;
    private final BiConsumer<@Nullable Connection, @Nullable Throwable> onEnd;

    /** How to end the step that is going on, harmless when it has ended; {@link #OVER} from the end on. */
    private final AtomicReference<Cancellable> letGo = new AtomicReference<>(new Nothing());

    private @Nullable Connection connection;

    /** How far the connection has come, once it leads to a proxy. */
    private @Nullable RouteTracker tracker;

    /** A CONNECT that is to be sent once more, on a new connection. */
    private @Nullable ByteBuffer unanswered;

    /** Whether this connection has had a CONNECT before. */
    private boolean asked;

    Connecting(
            Connector connector,
            HttpRoute route,
            HttpClientContext context,
            ResponseLimits limits,
            long startedAt,
            BiConsumer<@Nullable Connection, @Nullable Throwable> onEnd) {
        this.connector = connector;
        this.route = route;
        this.limits = limits;
        this.startedAt = startedAt;
        this.context = context;
        this.request = context.getRequestConfigOrDefault();
        this.onEnd = onEnd;
    }

    /** To be called once. */
    public void start() {
        on(connector.settings.stepExecutor(), this::next);
    }

    /** Nobody is told then. */
    @Override
    public void cancel() {
        letGo.getAndSet(OVER).cancel();
    }

    /** False if it was over before. */
    private boolean fail(Throwable failure) {
        Cancellable held = letGo.getAndSet(OVER);
        if (held == OVER) {
            return false;
        }
        held.cancel();
        onEnd.accept(null, failure);
        return true;
    }

    private boolean over() {
        return letGo.get() == OVER;
    }

    private interface Step {
        void take() throws HttpException, IOException;
    }

    private void on(Executor executor, Step step) {
        try {
            executor.execute(() -> {
                if (!over()) {
                    attempt(step);
                }
            });
        } catch (RejectedExecutionException e) {
            fail(e);
        }
    }

    /** What a step throws would be lost in a future's chain, and the caller wait for ever. */
    private void attempt(Step step) {
        try {
            step.take();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** In place of whatever is held. */
    private void hold(Cancellable step) {
        Cancellable before;
        do {
            before = letGo.get();
            if (before == OVER) {
                step.cancel();
                return;
            }
        } while (!letGo.compareAndSet(before, step));
    }

    private void next() throws HttpException, IOException {
        switch (BasicRouteDirector.INSTANCE.nextStep(route, covered())) {
            case HttpRouteDirector.CONNECT_TARGET -> open(route.getTargetHost(), targetName());
            case HttpRouteDirector.CONNECT_PROXY -> open(route.getProxyHost(), route.getProxyHost());
            case HttpRouteDirector.TUNNEL_TARGET -> {
                Connection proxy = connected();
                Tunnel tunnel = new Tunnel(route, context, connector.settings);
                on(connector.settings.callbackExecutor(), () -> ask(proxy, tunnel));
            }
            case HttpRouteDirector.LAYER_PROTOCOL ->
                secure(connected(), route.getTargetHost(), targetName(), () -> {
                    tracker().layerProtocol(route.isSecure());
                    next();
                });
            case HttpRouteDirector.COMPLETE -> deliver(connected());
            case HttpRouteDirector.TUNNEL_PROXY ->
                throw new HttpException("route: expected one proxy at most, got " + route);
            default ->
                throw new HttpException(
                        "route: expected one that leads to its target, got " + route + " after " + covered());
        }
    }

    private @Nullable HttpRoute covered() {
        return tracker == null ? null : tracker.toRoute();
    }

    private RouteTracker tracker() {
        return Objects.requireNonNull(tracker);
    }

    private Connection connected() {
        return Objects.requireNonNull(connection);
    }

    private NamedEndpoint targetName() {
        return route.getTargetName() != null ? route.getTargetName() : route.getTargetHost();
    }

    /** To the first hop of the route, and into TLS with it if that is its scheme. */
    private void open(HttpHost host, NamedEndpoint name) throws HttpException, IOException {
        RouteConfig config = connector.config(route);
        Duration timeout = beforeDeadline(config.connectTimeout(request));
        FirstHop hop = new FirstHop(host, route, config, connector.settings);
        ConnectOptions options =
                hop.waits() ? bounded(timeout, hop) : hop.options().connectTimeout(timeout);
        // Another one each time: this thread may be so late below that the next connect has begun.
        Nothing handle = new Nothing();
        hold(handle);
        if (over()) {
            return;
        }
        Cancellable connecting = connector.core.connect(options, (socket, failure) -> {
            if (socket == null) {
                fail(Failures.ofConnect(Objects.requireNonNull(failure), host));
            } else {
                opened(new Connection(socket, config, connector), host, name);
            }
        });
        // Unless it has ended already, and what comes next is held.
        if (!letGo.compareAndSet(handle, connecting) && over()) {
            connecting.cancel();
        }
    }

    private Duration beforeDeadline(Duration timeout) {
        long left = limits.responseDeadline().toNanos() - (System.nanoTime() - startedAt);
        return timeout.toNanos() <= left ? timeout : Duration.ofNanos(Math.max(left, SHORTEST.toNanos()));
    }

    /**
     * What is asked for here can't be made to end, but need not be waited for. What is left of the time is for the
     * rest.
     */
    private ConnectOptions bounded(Duration timeout, FirstHop hop) throws HttpException, IOException {
        long askedAt = System.nanoTime();
        Cancellable timer = connector.core.delay(
                timeout,
                () -> fail(Failures.ofConnect(
                        new SocketTimeoutException(
                                "connect timed out after " + timeout.toMillis() + "ms: no answer to the look-up"),
                        hop.host())));
        hold(timer);
        try {
            ConnectOptions options = hop.options();
            Duration left = timeout.minusNanos(System.nanoTime() - askedAt);
            return options.connectTimeout(left.compareTo(SHORTEST) > 0 ? left : SHORTEST);
        } finally {
            timer.cancel();
        }
    }

    private void opened(Connection opened, HttpHost host, NamedEndpoint name) {
        connection = opened;
        asked = false;
        hold(opened::abort);
        if (Connector.isSecure(host)) {
            on(connector.settings.stepExecutor(), () -> secure(opened, host, name, this::arrived));
        } else if (route.getProxyHost() == null) {
            // Not by way of attempt(): the JIT compiler would inline there what begins a connection, once more.
            deliver(opened);
        } else {
            attempt(this::arrived);
        }
    }

    /** At the first hop of the route: its target, or a proxy. */
    private void arrived() throws HttpException, IOException {
        HttpHost proxy = route.getProxyHost();
        if (proxy == null) {
            deliver(connected());
            return;
        }
        RouteTracker begun = new RouteTracker(route);
        begun.connectProxy(proxy, route.isSecure() && !route.isTunnelled());
        tracker = begun;
        next();
    }

    /** What the strategy wants verified after the handshake may be code of the user's, and block. */
    private void secure(Connection secured, HttpHost host, NamedEndpoint name, Step then) throws SSLException {
        TlsConfig config = connector.tlsConfig(host);
        Timeout configured = config.getHandshakeTimeout();
        Duration limit =
                configured != null ? Timeouts.of(configured) : secured.config().connectTimeout(request);
        TlsUpgrade upgrade = new TlsUpgrade(connector.tlsStrategy(), name, config, Timeout.of(limit));
        secured.startTls(upgrade.options(limit)).whenComplete((session, failure) -> {
            if (failure != null) {
                fail(Failures.ofConnect(failure, host));
                return;
            }
            on(connector.settings.stepExecutor(), () -> {
                upgrade.verify();
                then.take();
            });
        });
    }

    private void ask(Connection proxy, Tunnel tunnel) throws HttpException, IOException {
        ByteBuffer connect = unanswered != null ? unanswered : tunnel.request();
        unanswered = null;
        boolean first = !asked;
        asked = true;
        proxy.connect(connect, proxy.limits(request, limits), startedAt).whenComplete((response, failure) -> {
            if (failure instanceof NoResponseException && !first) {
                // It closed when it had asked for the login, without having said so.
                unanswered = connect;
                attempt(() -> startOver(proxy));
            } else if (failure != null) {
                fail(Failures.ofExchange(failure, route.getProxyHost().toHostString()));
            } else {
                attempt(() -> answered(proxy, tunnel, response));
            }
        });
    }

    private void answered(Connection proxy, Tunnel tunnel, CompleteResponse response) throws HttpException {
        ClassicHttpResponse message = ResponseParser.parse(response);
        on(connector.settings.callbackExecutor(), () -> {
            Tunnel.Answer answer = tunnel.answer(message, response.reusable());
            if (answer == Tunnel.Answer.REFUSED) {
                if (!fail(new TunnelRefusedException(message))) {
                    response.close();
                }
                return;
            }
            response.close();
            switch (answer) {
                case OPEN -> {
                    tracker().tunnelTarget(false);
                    next();
                }
                case CHALLENGE -> ask(proxy, tunnel);
                default -> startOver(proxy);
            }
        });
    }

    private void startOver(Connection closed) {
        closed.close();
        tracker = null;
        on(connector.settings.stepExecutor(), this::next);
    }

    private void deliver(Connection connected) {
        if (letGo.getAndSet(OVER) != OVER) {
            connector.opened.increment();
            onEnd.accept(connected, null);
        }
    }
}
