package dev.millpond.http.connect;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.jspecify.annotations.Nullable;

/** Opens connections along routes. Thread-safe. */
public final class Connector {

    final AsyncCore core;
    final ConnectSettings settings;
    final Runnable onClose;
    final LongAdder opened = new LongAdder();

    /** @param onClose called on an event loop whenever a connection has closed */
    public Connector(AsyncCore core, ConnectSettings settings, Runnable onClose) {
        this.core = core;
        this.settings = settings;
        this.onClose = onClose;
    }

    /**
     * A connection that leads to the route's target, tunnelled and secured as the route says; it is not begun yet. It
     * throws nothing, but fails, with failures in the types of Apache's, and with {@link TunnelRefusedException}.
     * Cancelling it ends the attempt, at any step.
     *
     * @param context whose {@code RequestConfig}, credentials and authentication cache are for the proxy; not to be
     *     used otherwise before it has ended
     * @param limits for each response of a proxy
     * @param startedAt when the exchange began, in terms of {@link System#nanoTime()}: its deadline counts from then on
     * @param onEnd called once, with the connection or a failure, unless it is cancelled before: on an event loop, or
     *     where the last step ran
     */
    public Connecting connecting(
            HttpRoute route,
            HttpClientContext context,
            ResponseLimits limits,
            long startedAt,
            BiConsumer<@Nullable Connection, @Nullable Throwable> onEnd) {
        return new Connecting(this, route, context, limits, startedAt, onEnd);
    }

    /**
     * Whether nothing but the connect itself is waited for along this route, which ends at the deadline by itself:
     * {@link #connecting} then fails as one that takes too long.
     */
    public boolean keepsDeadline(HttpRoute route) {
        return settings.stepExecutor() == ConnectSettings.AT_ONCE
                && route.getProxyHost() == null
                && !isSecure(route.getTargetHost());
    }

    /** Hosts have their schemes in lower case. */
    static boolean isSecure(HttpHost host) {
        return URIScheme.HTTPS.id.equals(host.getSchemeName());
    }

    /** Connections opened so far, as far as their targets. */
    public long opened() {
        return opened.sum();
    }

    RouteConfig config(HttpRoute route) {
        return new RouteConfig(
                settings.connectionConfig().resolve(route),
                settings.socketConfig().resolve(route));
    }

    TlsConfig tlsConfig(HttpHost host) {
        TlsConfig config = settings.tlsConfig().resolve(host);
        return config != null ? config : TlsConfig.DEFAULT;
    }

    TlsStrategy tlsStrategy() throws SSLException {
        try {
            return settings.tlsStrategy().get();
        } catch (IllegalStateException e) {
            throw new SSLException(e.getMessage(), e);
        }
    }
}
