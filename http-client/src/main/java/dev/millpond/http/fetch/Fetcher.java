package dev.millpond.http.fetch;

import dev.millpond.async.AsyncCore;
import dev.millpond.http.connect.ConnectionPool;
import dev.millpond.http.connect.Connector;
import dev.millpond.http.message.RequestEncoder;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.UnsupportedSchemeException;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolStats;
import org.jspecify.annotations.Nullable;

/** Starts exchanges and knows those in flight. */
public final class Fetcher implements Closeable {

    final AsyncCore core;
    final FetchSettings settings;
    final ConnectionPool pool;
    final Connector connector;
    final LongAdder reused = new LongAdder();

    private final RequestEncoder encoder;
    private final Set<Exchange<?>> inFlight = ConcurrentHashMap.newKeySet();
    private volatile @Nullable KnownRoute lastRoute;
    private volatile boolean closed;

    /** Over a core that the caller closes, after this. */
    public Fetcher(AsyncCore core, FetchSettings settings) {
        this.core = core;
        this.settings = settings;
        this.pool = new ConnectionPool(core, settings.maxConnectionsPerRoute(), settings.maxConnectionsTotal());
        this.connector =
                new Connector(core, settings.storage(), settings.sslContext(), settings.connectTimeout(), pool::sweep);
        this.encoder = new RequestEncoder(settings.userAgent());
    }

    /**
     * What {@code handler} makes of the complete response, on the callback executor. Never throws what a request or a
     * peer is to blame for: the future does.
     */
    public <T> CompletableFuture<T> fetch(ClassicHttpRequest request, HttpClientResponseHandler<? extends T> handler) {
        long startedAt = System.nanoTime();
        Exchange<T> exchange;
        try {
            exchange = new Exchange<>(this, route(request), encoder.encode(request), handler, startedAt);
        } catch (HttpException | IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        inFlight.add(exchange);
        if (closed) {
            exchange.fail(new MillpondClosedException());
        } else {
            exchange.start();
        }
        return exchange.result();
    }

    public FetchSettings settings() {
        return settings;
    }

    boolean isClosed() {
        return closed;
    }

    void over(Exchange<?> exchange) {
        inFlight.remove(exchange);
    }

    /** Connections opened so far. */
    public long connectionsOpened() {
        return connector.opened();
    }

    /** Exchanges so far that began on a connection used before. */
    public long connectionsReused() {
        return reused.sum();
    }

    public PoolStats poolStats() {
        return pool.stats();
    }

    /** Fails what is in flight and closes all connections. Idempotent. */
    @Override
    public void close() {
        closed = true;
        for (Exchange<?> exchange : inFlight) {
            exchange.fail(new MillpondClosedException());
        }
        pool.close();
    }

    /** Many requests in a row go to the same host: the last route serves them all. */
    private HttpRoute route(ClassicHttpRequest request) throws HttpException, IOException {
        KnownRoute known = lastRoute;
        if (known != null && known.serves(request)) {
            return known.route();
        }
        HttpRoute route = newRoute(request);
        if (request.getAuthority() != null) {
            lastRoute = new KnownRoute(request.getScheme(), request.getAuthority(), route);
        }
        return route;
    }

    private record KnownRoute(String scheme, URIAuthority authority, HttpRoute route) {

        boolean serves(ClassicHttpRequest request) {
            return scheme.equals(request.getScheme()) && authority.equals(request.getAuthority());
        }
    }

    private static HttpRoute newRoute(ClassicHttpRequest request) throws HttpException, IOException {
        HttpHost host =
                RoutingSupport.normalize(RoutingSupport.determineHost(request), DefaultSchemePortResolver.INSTANCE);
        if (host == null) {
            throw new ProtocolException("request: expected an absolute URI, got " + request.getRequestUri());
        }
        boolean secure = URIScheme.HTTPS.same(host.getSchemeName());
        if (!secure && !URIScheme.HTTP.same(host.getSchemeName())) {
            throw new UnsupportedSchemeException("scheme: expected http or https, got " + host.getSchemeName());
        }
        if (host.getPort() < 1) {
            throw new ProtocolException("port: expected 1 to 65535, got " + host.getPort());
        }
        return new HttpRoute(host, null, secure);
    }
}
