package dev.millpond.http.fetch;

import dev.millpond.bridge.CompleteResponse;
import dev.millpond.http.connect.Connection;
import dev.millpond.http.message.Failures;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** An exchange's request sent once, on one connection. */
final class Attempt {

    /** Of the strategies' defaults; only read. */
    private static final HttpClientContext CONTEXT = HttpClientContext.create();

    private final Exchange<?> exchange;
    private final PoolEntry<HttpRoute, Connection> place;
    private final Connection connection;
    private final boolean reused;
    private volatile boolean bodySent;

    Attempt(Exchange<?> exchange, PoolEntry<HttpRoute, Connection> place, Connection connection) {
        this.exchange = exchange;
        this.place = place;
        this.connection = connection;
        this.reused = connection.used();
        this.bodySent = !exchange.request.hasStreamedBody();
    }

    void start() {
        if (reused) {
            exchange.fetcher.reused.increment();
        }
        CompletableFuture<CompleteResponse> response = connection.exchange(
                exchange.request,
                connection.limits(exchange.context.getRequestConfigOrDefault(), exchange.limits()),
                exchange.startedAt);
        response.whenComplete(this::received);
        if (!bodySent) {
            sendBody();
        }
    }

    private void sendBody() {
        try {
            exchange.fetcher.settings.callbackExecutor().execute(() -> {
                try {
                    connection.writeBody(exchange.request);
                    bodySent = true;
                } catch (IOException | RuntimeException e) {
                    bodyFailed(e);
                }
            });
        } catch (RejectedExecutionException e) {
            exchange.fail(e);
        }
    }

    /**
     * Where the connection has ended or the response has come, that is what counts, and the body failed because of it;
     * otherwise the body's own source is to blame, and the server waits for the rest of it.
     */
    private void bodyFailed(Exception failure) {
        if (!connection.requestEnded()) {
            exchange.fail(failure);
        }
    }

    private void received(@Nullable CompleteResponse response, @Nullable Throwable failure) {
        if (failure == null && response != null) {
            received(response);
        } else if (failure != null && !exchange.repeat(place, reused, failure)) {
            exchange.fail(Failures.ofExchange(failure, exchange.target.toHostString()));
        }
    }

    private void received(CompleteResponse response) {
        try {
            ClassicHttpResponse message = connection.parse(response);
            if (!exchange.succeed(place, message, keepAlive(response, message))) {
                response.close();
            }
        } catch (HttpException | RuntimeException e) {
            // An exception that left here would be lost in the future's chain, and the caller wait for ever.
            response.close();
            exchange.fail(e);
        }
    }

    /** For how long to keep the connection, or null if it can't be kept. */
    private @Nullable TimeValue keepAlive(CompleteResponse response, ClassicHttpResponse message) {
        if (!response.reusable() || !bodySent) {
            return null;
        }
        return DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(exchange.request.message(), message, CONTEXT)
                ? DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(message, CONTEXT)
                : null;
    }
}
