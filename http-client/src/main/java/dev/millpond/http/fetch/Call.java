package dev.millpond.http.fetch;

import dev.millpond.async.Cancellable;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.http.message.EncodedRequest;
import dev.millpond.http.message.RequestEncoder;
import dev.millpond.http.observe.EndedCall;
import dev.millpond.http.observe.EndedCall.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One fetch of the user's, of any number of exchanges, one after the other: prepare the request, exchange it, look at
 * what came of it, then deliver that or send again.
 *
 * <p>The first request is prepared on the caller's thread; all that follows an exchange runs on the callback executor,
 * as most of it may be the user's code. Between the steps, nothing runs: there is an exchange or a timer in progress.
 *
 * <p>It may end at any moment, from any thread. The monitor orders that against the steps: each of them puts what it
 * starts in the place of what was in progress, and finds out if it comes too late; whoever ends the call cancels what
 * is in progress then.
 */
final class Call<T> {

    private static final Cancellable NOTHING = () -> {};

    final Fetcher fetcher;
    /** The user's, only read. */
    final ClassicHttpRequest original;

    final HttpClientContext context;
    final RequestConfig config;
    final ResponseLimits limits;
    /** Whether it is answered with the head of a response, whose body is read while it arrives. */
    final boolean live;

    final long startedAt = System.nanoTime();

    /** Of the user's request; redirects may lead elsewhere. */
    private final HttpHost target;

    private final Chain chain;
    private final HttpClientResponseHandler<? extends T> handler;
    private final @Nullable Consumer<? super HttpResponse> onInterim;
    private final Executor executor;
    private final FetchFuture<T> result = new FetchFuture<>(this);

    /** What was asked for since the last redirect, without what the stages add. */
    private ClassicHttpRequest unprepared;

    private ClassicHttpRequest request;
    private HttpRoute route;
    private int redirects;
    private int executions = 1;
    private int exchanges;
    private volatile int status;
    private TimeValue interval = TimeValue.ZERO_MILLISECONDS;

    /** Not to be answered by a connection that was used before. */
    private boolean afresh;

    private Cancellable inProgress = NOTHING;
    private boolean over;

    Call(
            Fetcher fetcher,
            ClassicHttpRequest original,
            HttpClientContext context,
            HttpRoute route,
            CallOptions options,
            boolean live,
            HttpClientResponseHandler<? extends T> handler) {
        this.fetcher = fetcher;
        this.original = original;
        this.context = context;
        this.config = context.getRequestConfigOrDefault();
        this.limits = limits(fetcher.settings.limits(), config, options.deadline());
        this.live = live;
        this.chain = fetcher.settings.chain();
        this.handler = handler;
        this.onInterim = options.onInterim();
        Executor callbacks = fetcher.settings.callbackExecutor();
        this.executor = onInterim == null ? callbacks : new SerialExecutor(callbacks);
        this.route = route;
        this.target = route.getTargetHost();
        this.unprepared = original;
        this.request = Requests.copy(original, route);
    }

    private static ResponseLimits limits(ResponseLimits client, RequestConfig config, @Nullable Duration deadline) {
        ResponseLimits limits = deadline == null ? client : client.responseDeadline(deadline);
        Timeout timeout = config.getResponseTimeout();
        if (timeout == null) {
            return limits;
        }
        return limits.socketTimeout(timeout.isDisabled() ? ResponseLimits.LONGEST : timeout.toDuration());
    }

    CompletableFuture<T> result() {
        return result;
    }

    void start() {
        try {
            if (Method.CONNECT.isSame(original.getMethod())) {
                throw new ProtocolException("Direct execution of CONNECT is not allowed");
            }
            send(0);
        } catch (Throwable e) {
            end(e);
        }
    }

    // What stages ask and tell.

    ClassicHttpRequest unprepared() {
        return unprepared;
    }

    /** As it was sent last. */
    ClassicHttpRequest request() {
        return request;
    }

    HttpRoute route() {
        return route;
    }

    int redirects() {
        return redirects;
    }

    /** How often this request was sent, since the last redirect and without answers to challenges. */
    int executions() {
        return executions;
    }

    boolean repeatable() {
        return request.getEntity() == null || request.getEntity().isRepeatable();
    }

    /** The request is to be sent once more, without the fields that were added to it. */
    void resetFields() {
        CallLog.challenged(this);
        request.setHeaders(unprepared.getHeaders());
    }

    /** The request is to be sent once more, after {@code interval}. */
    void repeat(TimeValue interval) {
        executions++;
        CallLog.repeated(this, interval);
        this.interval = interval;
        request = Requests.copy(unprepared, route);
    }

    /** Another request is to be sent instead. */
    void redirect(ClassicHttpRequest next, HttpRoute nextRoute) {
        redirects++;
        executions = 1;
        unprepared = next;
        route = nextRoute;
        request = Requests.copy(next, nextRoute);
        CallLog.redirected(this);
    }

    // What the exchange asks and tells, on the event loop.

    /** See {@link Chain#keepAlive}. */
    @Nullable
    TimeValue keepAlive(ClassicHttpResponse response) {
        return chain.keepAlive(request, response, context);
    }

    boolean keepAliveMayBlock() {
        return chain.keepAliveMayBlock();
    }

    /** @param release gives the connection back, and may block */
    void received(ClassicHttpResponse response, Runnable release) {
        if (!execute(() -> {
            release.run();
            look(response);
        })) {
            release.run();
            Closer.closeQuietly(response);
        }
    }

    void received(ClassicHttpResponse response) {
        if (!execute(() -> look(response))) {
            Closer.closeQuietly(response);
        }
    }

    void interim(ClassicHttpResponse response) {
        if (onInterim == null || !execute(() -> tell(onInterim, response))) {
            Closer.closeQuietly(response);
        }
    }

    void failed(Throwable failure) {
        execute(() -> failed(failure, chain.stages().size()));
    }

    // The loop.

    /** From that stage inwards. */
    private void send(int stage) throws HttpException {
        EncodedRequest encoded;
        try {
            encoded = prepare(stage);
        } catch (IOException e) {
            failed(e, chain.stages().size());
            return;
        }
        Exchange exchange = new Exchange(fetcher, this, route, encoded, afresh);
        afresh = false;
        if (begin(exchange)) {
            exchange.start();
        }
    }

    private EncodedRequest prepare(int stage) throws HttpException, IOException {
        for (int i = stage; i < chain.stages().size(); i++) {
            chain.stages().get(i).prepare(this, request);
        }
        context.setRoute(route);
        context.setRequest(request);
        context.setProtocolVersion(request.getVersion());
        chain.processor().process(request, request.getEntity(), context);
        return RequestEncoder.encode(request);
    }

    private void look(ClassicHttpResponse response) throws HttpException {
        int stage = chain.stages().size();
        try {
            if (!hold(NOTHING)) {
                Closer.closeQuietly(response);
                return;
            }
            context.setResponse(response);
            chain.processor().process(response, response.getEntity(), context);
            while (--stage >= 0) {
                if (chain.stages().get(stage).sendsAgain(this, response)) {
                    Closer.closeQuietly(response);
                    sendAgain(stage);
                    return;
                }
            }
        } catch (IOException e) {
            Closer.closeQuietly(response);
            failed(e, Math.max(0, stage));
            return;
        } catch (HttpException | RuntimeException | Error e) {
            Closer.closeQuietly(response);
            throw e;
        }
        deliver(response);
    }

    /** Asks the stages outside of that one. */
    private void failed(Throwable failure, int stage) throws HttpException {
        if (failure instanceof IOException known && deadlineLeft() > 0 && hold(NOTHING)) {
            afresh = failure instanceof StaleConnectionException;
            for (int i = stage - 1; i >= 0; i--) {
                if (chain.stages().get(i).sendsAgain(this, known)) {
                    sendAgain(i);
                    return;
                }
            }
        }
        end(failure);
    }

    private void sendAgain(int stage) throws HttpException {
        long nanos = TimeValue.isPositive(interval) ? interval.toNanoseconds() : 0;
        interval = TimeValue.ZERO_MILLISECONDS;
        if (nanos == 0) {
            sendInTime(stage);
            return;
        }
        Duration pause = Duration.ofNanos(Math.min(nanos, Math.max(0, deadlineLeft())));
        synchronized (this) {
            if (!over) {
                inProgress = fetcher.core.delay(pause, () -> execute(() -> sendInTime(stage)));
            }
        }
    }

    private void sendInTime(int stage) throws HttpException {
        if (deadlineLeft() > 0) {
            send(stage);
        } else {
            end(new ResponseDeadlineException("response not complete within " + limits.responseDeadlineText()
                    + " (responseDeadline): waiting to send the request again"));
        }
    }

    private void deliver(ClassicHttpResponse response) {
        status = response.getCode();
        try {
            T value = handler.handleResponse(response);
            if (!stop(Outcome.SUCCEEDED, null) || !result.complete(value)) {
                Closer.closeQuietly(response);
            }
        } catch (Throwable e) {
            Closer.closeQuietly(response);
            end(e);
        }
    }

    private static void tell(Consumer<? super HttpResponse> listener, ClassicHttpResponse response) {
        try (response) {
            listener.accept(response);
        } catch (IOException e) {
            throw new AssertionError("closing a complete response", e);
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    private long deadlineLeft() {
        return limits.responseDeadline().toNanos() - (System.nanoTime() - startedAt);
    }

    // The end.

    /** Ends the call with a failure, unless it has ended; any thread. */
    void fail(Throwable failure) {
        if (!stop(Outcome.FAILED, failure)) {
            return;
        }
        try {
            fetcher.settings.callbackExecutor().execute(() -> result.completeExceptionally(failure));
        } catch (RejectedExecutionException e) {
            // Better on this thread than not at all.
            result.completeExceptionally(failure);
        }
    }

    private void end(Throwable failure) {
        stop(Outcome.FAILED, failure);
        result.completeExceptionally(failure);
    }

    /** Somebody has completed the result. */
    void abandoned(@Nullable Throwable failure) {
        stop(Outcome.CANCELLED, failure);
    }

    /** The result was completed, or will be. False if that is known. */
    private boolean stop(Outcome outcome, @Nullable Throwable failure) {
        Cancellable last;
        synchronized (this) {
            if (over) {
                return false;
            }
            over = true;
            last = inProgress;
        }
        last.cancel();
        CallLog.ended(this, outcome, failure);
        fetcher.over(this, outcome, failure);
        return true;
    }

    EndedCall ended(Outcome outcome, @Nullable Throwable failure) {
        return new EndedCall(
                context.getExchangeId(), original.getMethod(), target, exchanges, elapsed(), status, outcome, failure);
    }

    private synchronized boolean begin(Exchange next) {
        if (!hold(next)) {
            return false;
        }
        exchanges++;
        return true;
    }

    private synchronized boolean hold(Cancellable next) {
        if (over) {
            return false;
        }
        inProgress = next;
        return true;
    }

    private interface Step {
        void run() throws HttpException;
    }

    private boolean execute(Step step) {
        try {
            executor.execute(() -> run(step));
            return true;
        } catch (RejectedExecutionException e) {
            end(e);
            return false;
        }
    }

    /** An exception that left here would be lost, and the caller wait for ever. */
    private void run(Step step) {
        try {
            step.run();
        } catch (Throwable e) {
            end(e);
        }
    }

    /** As good as the identity's own, for which each call would have to ask the JVM. */
    @Override
    public int hashCode() {
        return Long.hashCode(startedAt);
    }
}
