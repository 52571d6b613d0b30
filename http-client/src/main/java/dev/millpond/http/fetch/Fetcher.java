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
import org.apache.hc.client5.http.auth.AuthSchemeFactory;
import org.apache.hc.client5.http.auth.StandardAuthScheme;
import org.apache.hc.client5.http.config.Configurable;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.auth.BasicSchemeFactory;
import org.apache.hc.client5.http.impl.auth.BearerSchemeFactory;
import org.apache.hc.client5.http.impl.auth.DigestSchemeFactory;
import org.apache.hc.client5.http.impl.auth.ScramSchemeFactory;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.pool.PoolStats;

/** Starts exchanges and knows those in flight. */
public final class Fetcher implements Closeable {

    /** As Apache's clients know by default. */
    private static final Lookup<AuthSchemeFactory> AUTHENTICATION_SCHEMES = RegistryBuilder.<AuthSchemeFactory>create()
            .register(StandardAuthScheme.BASIC, BasicSchemeFactory.INSTANCE)
            .register(StandardAuthScheme.DIGEST, DigestSchemeFactory.INSTANCE)
            .register(StandardAuthScheme.BEARER, BearerSchemeFactory.INSTANCE)
            .register(StandardAuthScheme.SCRAM_SHA_256, ScramSchemeFactory.INSTANCE)
            .build();

    final AsyncCore core;
    final FetchSettings settings;
    final ConnectionPool pool;
    final Connector connector;
    final LongAdder reused = new LongAdder();

    private final RequestEncoder encoder;
    private final Set<Exchange<?>> inFlight = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Over a core that the caller closes, after this. */
    public Fetcher(AsyncCore core, FetchSettings settings) {
        this.core = core;
        this.settings = settings;
        this.pool = new ConnectionPool(core, settings.maxConnectionsPerRoute(), settings.maxConnectionsTotal());
        this.connector = new Connector(core, settings.connect(), pool::sweep);
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
            HttpClientContext context = context(request);
            HttpRoute route = settings.routes().plan(request, context);
            exchange = new Exchange<>(this, route, context, encoder.encode(request), handler, startedAt);
        } catch (HttpException | IOException | RuntimeException e) {
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

    private HttpClientContext context(ClassicHttpRequest request) {
        HttpClientContext context = HttpClientContext.create();
        RequestConfig config = request instanceof Configurable configurable ? configurable.getConfig() : null;
        context.setRequestConfig(config != null ? config : RequestConfig.DEFAULT);
        context.setCredentialsProvider(settings.credentials());
        context.setAuthSchemeRegistry(AUTHENTICATION_SCHEMES);
        return context;
    }
}
