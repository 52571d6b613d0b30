package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.Cancellable;
import dev.millpond.async.CoreStats;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import dev.millpond.http.events.EventListener;
import dev.millpond.http.events.ServerSentEvent;
import dev.millpond.http.fetch.CallCounts;
import dev.millpond.http.fetch.FetchSettings;
import dev.millpond.http.fetch.Fetcher;
import dev.millpond.http.observe.CallObserver;
import java.io.Closeable;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.pool.PoolStats;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client whose responses are complete before anybody sees them, and that parks no thread while they arrive.
 *
 * <pre>{@code
 * try (Millpond millpond = Millpond.create()) {
 *     CompletableFuture<String> page = millpond.fetch(
 *             ClassicRequestBuilder.get("http://localhost:8080/").build(),
 *             response -> EntityUtils.toString(response.getEntity()));
 * }
 * }</pre>
 *
 * <p>Thread-safe; one for an application is enough. What Apache's own client does by default, it does too, with
 * Apache's own components: it follows redirects, keeps cookies, authenticates, retries and decodes, as the request's
 * {@link org.apache.hc.client5.http.config.RequestConfig} says. It differs in this: it offers no upgrade to TLS over a
 * plain connection ({@code RequestUpgrade}), repeats an idempotent request on a stale connection without waiting for
 * the retry interval, and does not answer a 407 that comes from no proxy.
 *
 * <p>The first request is prepared on the calling thread; all that follows, such as strategies, interceptors, cookie
 * stores and credentials providers, is called on the callback executor, and may block there.
 *
 * <p>A future fails with
 *
 * <ul>
 *   <li>{@link java.net.UnknownHostException}, {@link java.net.ConnectException} or
 *       {@link org.apache.hc.client5.http.ConnectTimeoutException} if there is no connection to be had, and
 *       {@link org.apache.hc.core5.http.ConnectionRequestTimeoutException} if there is no room for one in the pool;
 *   <li>{@link org.apache.hc.core5.http.NoHttpResponseException} if the connection closed before the first byte of a
 *       response, and {@link dev.millpond.bridge.IncompleteResponseException} if it did later;
 *   <li>{@link org.apache.hc.core5.http.ProtocolException}, caused by
 *       {@link dev.millpond.bridge.MalformedResponseException}, if the response's framing is malformed, or without a
 *       cause if the request can't be sent as it is;
 *   <li>{@link dev.millpond.bridge.ResponseTooLargeException} past {@code maxResponseSize};
 *   <li>{@link java.net.SocketTimeoutException} after {@code socketTimeout} without a byte, and
 *       {@link dev.millpond.bridge.ResponseDeadlineException} at the {@code responseDeadline};
 *   <li>{@link org.apache.hc.client5.http.impl.ConnectionShutdownException} if this was closed;
 *   <li>another {@link java.io.IOException}, such as {@link javax.net.ssl.SSLException}, or what a handler has thrown.
 * </ul>
 *
 * <p>Cancelling a future, or completing it in any other way such as {@link CompletableFuture#orTimeout}, ends its
 * exchange at once: also while it waits to retry. So does an interrupt of a thread that waits in its {@code get}. That
 * goes for the futures returned here, not for what is derived from them:
 * {@code fetch(request).thenCompose(...).cancel(true)} cancels nothing, so keep what {@code fetch} has returned, or
 * give {@link FetchOptions#deadline} what the derived future's timeout was to be.
 */
public final class Millpond implements Closeable {

    private final AsyncCore core;
    private final Fetcher fetcher;
    private final @Nullable ExecutorService ownExecutor;
    private final EventStreams events;

    Millpond(AsyncCore core, Fetcher fetcher, @Nullable ExecutorService ownExecutor) {
        this.core = core;
        this.fetcher = fetcher;
        this.ownExecutor = ownExecutor;
        this.events = new EventStreams(core, fetcher);
    }

    /** With default settings. */
    public static Millpond create() {
        return builder().build();
    }

    public static MillpondBuilder builder() {
        return new MillpondBuilder();
    }

    /**
     * The response, complete; any HTTP status is a success. Its connection is free already, so closing it is good
     * manners towards the memory it holds and no more. Its entity is never null, and repeatable.
     */
    public CompletableFuture<ClassicHttpResponse> fetch(ClassicHttpRequest request) {
        return fetch(request, FetchOptions.defaults());
    }

    /** As {@link #fetch(ClassicHttpRequest)}, with options. */
    public CompletableFuture<ClassicHttpResponse> fetch(ClassicHttpRequest request, FetchOptions options) {
        return fetcher.fetch(request, options.call(), response -> response);
    }

    /**
     * What {@code handler} makes of the complete response, on the callback executor; the response is closed after it.
     */
    public <T> CompletableFuture<T> fetch(ClassicHttpRequest request, HttpClientResponseHandler<? extends T> handler) {
        return fetch(request, FetchOptions.defaults(), handler);
    }

    /** As {@link #fetch(ClassicHttpRequest, HttpClientResponseHandler)}, with options. */
    public <T> CompletableFuture<T> fetch(
            ClassicHttpRequest request, FetchOptions options, HttpClientResponseHandler<? extends T> handler) {
        return fetcher.fetch(request, options.call(), response -> {
            try (response) {
                return handler.handleResponse(response);
            }
        });
    }

    /**
     * The response as soon as its head is here, its body read while it arrives: for what is too large to keep, or never
     * ends. What redirects, challenges and retries it took to get there is as with {@code fetch}, but nothing is
     * repeated once the response is there.
     *
     * <p>The entity has one blocking stream, decoded as with {@code fetch}, and trailers once that has been read to its
     * end. Reading waits for bytes, the {@code socketTimeout} at most, and so is not for event loops; while nobody
     * reads, no more than 256 KiB are taken from the network. There is no limit to the body's size or time:
     * {@code responseDeadline} and {@link FetchOptions#deadline} end with the head. A body that is cut off fails where
     * it is.
     *
     * <p>Once the body has arrived to its end, its connection serves others. Before that, closing the response, its
     * entity or its stream closes the connection; {@link #close()} does too, and fails readers. One that is neither
     * read nor closed holds its connection until it is garbage. A body that came with the head, or that of a 3xx, 401,
     * 407, 429 or 503, is complete, as with {@code fetch}. Cancelling the future ends all; afterwards, that is for
     * {@code close} to do.
     */
    public CompletableFuture<ClassicHttpResponse> fetchLive(ClassicHttpRequest request) {
        return fetchLive(request, FetchOptions.defaults());
    }

    /** As {@link #fetchLive(ClassicHttpRequest)}, with options. */
    public CompletableFuture<ClassicHttpResponse> fetchLive(ClassicHttpRequest request, FetchOptions options) {
        return fetcher.fetchLive(request, options.call());
    }

    /**
     * Tells {@code listener} of server-sent events (WHATWG HTML standard, section 9.2), on the callback executor, until
     * it is cancelled or has ended; no thread waits for them. A stream that ends, breaks, can't be opened, or has been
     * silent for the {@code socketTimeout} (or the request's {@code responseTimeout}) is opened again, after 3 seconds
     * or the time that the server has set, with the last event ID: {@link EventListener} tells when that is so and when
     * it is not.
     *
     * <p>Opened with what the request has, and {@code Accept: text/event-stream}, {@code Cache-Control: no-store} and
     * {@code Accept-Encoding: identity} where it has none of its own, by {@link #fetchLive}: redirects and challenges
     * are followed. An event may have 1 MiB. Closing this fails it.
     */
    public Cancellable fetchEvents(ClassicHttpRequest request, EventListener listener) {
        return fetchEvents(request, FetchOptions.defaults(), listener);
    }

    /** As {@link #fetchEvents(ClassicHttpRequest, EventListener)}, each time with these options. */
    public Cancellable fetchEvents(ClassicHttpRequest request, FetchOptions options, EventListener listener) {
        return events.source(request, options.call()).listen(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * The same for subscribers, each with a stream of its own, which is read as fast as they request events: what is
     * not requested stays with the server, and what has happened to a stream is told with the next request.
     */
    public Flow.Publisher<ServerSentEvent> fetchEvents(ClassicHttpRequest request) {
        return fetchEvents(request, FetchOptions.defaults());
    }

    /**
     * As {@link #fetchEvents(ClassicHttpRequest)}, each time with these options, for one subscriber at a time if there
     * is a context among them.
     */
    public Flow.Publisher<ServerSentEvent> fetchEvents(ClassicHttpRequest request, FetchOptions options) {
        return events.source(request, options.call());
    }

    /**
     * Builds connection managers for Apache's own blocking {@code HttpClient}, on this one's event loops, with its
     * limits on size and time as defaults. Connections and their pool are each manager's own. Closing this ends those
     * connections too.
     */
    public MillpondConnectionManagerBuilder connectionManagerBuilder() {
        FetchSettings settings = fetcher.settings();
        return MillpondConnectionManagerBuilder.over(core, settings.storage(), settings.limits());
    }

    /** What is going on, and what was so far. Numbers are read one after the other, not at one moment. */
    public MillpondStats stats() {
        PoolStats pool = fetcher.poolStats();
        ResponseStorage storage = fetcher.settings().storage();
        CoreStats sockets = core.stats();
        CallCounts calls = fetcher.counts();
        return new MillpondStats(
                fetcher.callsInFlight(),
                calls.succeeded(),
                calls.failed(),
                calls.cancelled(),
                fetcher.connectionsOpened(),
                fetcher.connectionsReused(),
                pool.getLeased(),
                pool.getAvailable(),
                pool.getPending(),
                sockets.bytesRead(),
                sockets.bytesWritten(),
                storage.budget().used(),
                storage.budget().limit(),
                storage.spilledResponses(),
                storage.spilledSoFar());
    }

    /** From now on, the observer is told of each fetch that ends. */
    public void addObserver(CallObserver observer) {
        fetcher.counts().add(Objects.requireNonNull(observer, "observer"));
    }

    /** From now on, the observer is told no more, unless it was added twice. Does nothing if it wasn't added. */
    public void removeObserver(CallObserver observer) {
        fetcher.counts().remove(Objects.requireNonNull(observer, "observer"));
    }

    /**
     * Fails what is in flight, closes all connections and ends the event loops. Waits for those, for a few seconds at
     * most, unless called on one of them. Idempotent.
     */
    @Override
    public void close() {
        fetcher.close();
        events.close();
        core.close();
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
    }
}
