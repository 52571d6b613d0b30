package dev.millpond.http.fetch;

import dev.millpond.async.AsyncCore;
import dev.millpond.http.connect.ConnectionPool;
import dev.millpond.http.connect.Connector;
import dev.millpond.http.observe.EndedCall.Outcome;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.pool.PoolStats;
import org.jspecify.annotations.Nullable;

/** Starts calls and knows those in flight. */
public final class Fetcher implements Closeable {

    final AsyncCore core;
    final FetchSettings settings;
    final ConnectionPool pool;
    final Connector connector;
    final LongAdder reused = new LongAdder();

    private final CallCounts counts = new CallCounts();
    private final Set<Call<?>> inFlight = ConcurrentHashMap.newKeySet();
    private final Set<LiveLease> live = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Over a core that the caller closes, after this. */
    public Fetcher(AsyncCore core, FetchSettings settings) {
        this.core = core;
        this.settings = settings;
        this.pool = new ConnectionPool(core, settings.maxConnectionsPerRoute(), settings.maxConnectionsTotal());
        this.connector = new Connector(core, settings.connect(), pool::sweep);
    }

    /**
     * What {@code handler} makes of the complete response, on the callback executor. Never throws what a request or a
     * peer is to blame for: the future does.
     */
    public <T> CompletableFuture<T> fetch(
            ClassicHttpRequest request, CallOptions options, HttpClientResponseHandler<? extends T> handler) {
        return fetch(request, options, false, handler);
    }

    /** The response as soon as its head is here. As the other, but that the deadline ends with the head. */
    public CompletableFuture<ClassicHttpResponse> fetchLive(ClassicHttpRequest request, CallOptions options) {
        return fetch(request, options, true, response -> response);
    }

    private <T> CompletableFuture<T> fetch(
            ClassicHttpRequest request,
            CallOptions options,
            boolean live,
            HttpClientResponseHandler<? extends T> handler) {
        Call<T> call;
        try {
            HttpClientContext context = settings.chain().context(options.context(), request);
            HttpRoute route = settings.routes().plan(request, context);
            call = new Call<>(this, request, context, route, options, live, handler);
        } catch (HttpException | IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        inFlight.add(call);
        if (closed) {
            call.fail(new MillpondClosedException());
        } else {
            call.start();
        }
        return call.result();
    }

    public FetchSettings settings() {
        return settings;
    }

    boolean isClosed() {
        return closed;
    }

    void begun(LiveLease lease) {
        live.add(lease);
        if (closed) {
            lease.fail(closedWhileLive());
        }
    }

    void over(LiveLease lease) {
        live.remove(lease);
    }

    private static IOException closedWhileLive() {
        return new ConnectionClosedException("millpond is closed");
    }

    void over(Call<?> call, Outcome outcome, @Nullable Throwable failure) {
        inFlight.remove(call);
        counts.ended(call, outcome, failure);
    }

    public int callsInFlight() {
        return inFlight.size();
    }

    /** Of calls that have ended. */
    public CallCounts counts() {
        return counts;
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
        for (Call<?> call : inFlight) {
            call.fail(new MillpondClosedException());
        }
        for (LiveLease lease : live) {
            lease.fail(closedWhileLive());
        }
        pool.close();
    }
}
