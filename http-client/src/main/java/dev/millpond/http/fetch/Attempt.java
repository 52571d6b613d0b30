package dev.millpond.http.fetch;

import dev.millpond.async.Cancellable;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.NoResponseException;
import dev.millpond.bridge.ResponseListener;
import dev.millpond.http.connect.Connection;
import dev.millpond.http.connect.Place;
import dev.millpond.http.message.CompleteEntity;
import dev.millpond.http.message.Failures;
import dev.millpond.http.message.FileBody;
import dev.millpond.http.message.LiveEntity;
import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** An exchange's request sent once, on one connection. */
final class Attempt implements ResponseListener {

    /** How long HttpCore waits for a 100 before it sends the body nevertheless (RFC 9110, section 10.1.1). */
    private static final Duration WAIT_FOR_CONTINUE = Duration.ofSeconds(3);

    private static final Duration WAIT_FOR_SENDER = Duration.ofMillis(50);

    /** What stages answer, redirects aside: those responses are collected, so that their connections are kept. */
    private static final Set<Integer> ANSWERED_BY_STAGES = Set.of(
            HttpStatus.SC_UNAUTHORIZED,
            HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED,
            HttpStatus.SC_TOO_MANY_REQUESTS,
            HttpStatus.SC_SERVICE_UNAVAILABLE);

    /**
     * A 100, the end of the wait for it, and the final response race for the body: the first of them decides, by
     * changing {@code DUE}.
     */
    private enum Body {
        DUE,
        STARTED,
        /** The response came, and whoever sends the body is about to find out, unless it has just sent all of it. */
        ANSWERED,
        SENT,
        /** The response came before it. */
        UNWANTED
    }

    private final Exchange exchange;
    private final Place<Connection> place;
    private final Connection connection;
    private final boolean reused;
    private final AtomicReference<Body> body;
    private @Nullable Cancellable waitForContinue;
    private @Nullable ClassicHttpResponse head;

    /** Set before {@code ANSWERED}. */
    private Runnable delivery = () -> {};

    Attempt(Exchange exchange, Place<Connection> place, Connection connection) {
        this.exchange = exchange;
        this.place = place;
        this.connection = connection;
        this.reused = connection.used();
        this.body = new AtomicReference<>(exchange.request.bodyFollows() ? Body.DUE : Body.SENT);
    }

    void start() {
        if (reused) {
            exchange.fetcher.reused.increment();
        }
        boolean waits = exchange.request.expectsContinue();
        if (waits) {
            waitForContinue = connection.delay(WAIT_FOR_CONTINUE, this::sendBody);
        }
        connection.exchange(
                exchange.request,
                connection.limits(exchange.call.config, exchange.call.limits),
                exchange.call.startedAt,
                this);
        if (!waits) {
            sendBody();
        }
    }

    /** Where the body waits for a 100, event loop only: the response must not come between the two steps. */
    private void sendBody() {
        ByteBuffer held = exchange.request.heldBody();
        if (held != null) {
            if (body.compareAndSet(Body.DUE, Body.SENT)) {
                connection.write(held);
            }
            return;
        }
        if (!body.compareAndSet(Body.DUE, Body.STARTED)) {
            return;
        }
        try {
            exchange.fetcher.settings.callbackExecutor().execute(this::writeBody);
        } catch (RejectedExecutionException e) {
            exchange.fail(e);
        }
    }

    /**
     * Where the connection has ended or the response has come, that is what counts, and the body failed because of it;
     * otherwise the body's own source is to blame, and the server waits for the rest of it.
     */
    private void writeBody() {
        try {
            FileBody file = exchange.request.file();
            if (file != null) {
                connection.send(file, this::bodyEnded);
            } else {
                connection.writeBody(exchange.request);
                bodyEnded(true);
            }
        } catch (IOException | RuntimeException e) {
            if (!connection.requestEnded()) {
                exchange.fail(e);
            }
            bodyEnded(false);
        }
    }

    private void bodyEnded(boolean whole) {
        Body before = body.getAndUpdate(
                state -> state == Body.STARTED || state == Body.ANSWERED ? (whole ? Body.SENT : Body.UNWANTED) : state);
        if (before == Body.ANSWERED) {
            delivery.run();
        }
    }

    /**
     * A response may overtake the return of the very write that it answers, and its connection is good only if the body
     * is whole: so whoever writes that has the word, but not for long.
     */
    private void receivedWhileSending(CompleteResponse response, ClassicHttpResponse message) {
        delivery = () -> received(response, message);
        if (!body.compareAndSet(Body.STARTED, Body.ANSWERED)) {
            received(response, message);
            return;
        }
        connection.delay(WAIT_FOR_SENDER, () -> {
            if (body.compareAndSet(Body.ANSWERED, Body.UNWANTED)) {
                delivery.run();
            }
        });
    }

    @Override
    public void onInterim(CompleteResponse interim) {
        if (interim.statusCode() == HttpStatus.SC_CONTINUE) {
            interim.close();
            sendBody();
            return;
        }
        try {
            exchange.call.interim(ResponseParser.parse(interim));
        } catch (HttpException | RuntimeException e) {
            interim.close();
            exchange.fail(e);
        }
    }

    @Override
    public boolean live(byte[] bytes) {
        body.compareAndSet(Body.DUE, Body.UNWANTED);
        return exchange.call.live && takesHead(bytes, bytes.length) && !isForStages(message());
    }

    private static boolean isForStages(ClassicHttpResponse message) {
        return ANSWERED_BY_STAGES.contains(message.getCode()) || message.getCode() / 100 == 3;
    }

    @Override
    public boolean takesHead(byte[] bytes, int length) {
        try {
            head = ResponseParser.parse(bytes, length);
            return true;
        } catch (HttpException | RuntimeException e) {
            // The complete response will fail the same way.
            return false;
        }
    }

    private ClassicHttpResponse message() {
        return Objects.requireNonNull(head, "head");
    }

    @Override
    public void onLive(LiveResponse response) {
        stopWaiting();
        AtomicReference<Body> sent = body;
        LiveLease lease = new LiveLease(exchange.fetcher, place, response, () -> sent.get() == Body.SENT);
        ClassicHttpResponse message = message();
        try {
            message.setEntity(new LiveEntity(response, message));
        } catch (IOException e) {
            exchange.fail(e);
            return;
        }
        if (exchange.goLive(lease)) {
            received(lease, message);
        } else {
            response.close();
        }
    }

    @Override
    public void onComplete(CompleteResponse response) {
        stopWaiting();
        try {
            ClassicHttpResponse message = message(response);
            if (body.get() == Body.STARTED) {
                receivedWhileSending(response, message);
            } else {
                received(response, message);
            }
        } catch (HttpException | RuntimeException e) {
            response.close();
            exchange.fail(e);
        }
    }

    private ClassicHttpResponse message(CompleteResponse response) throws HttpException {
        ClassicHttpResponse known = head;
        if (known == null) {
            return ResponseParser.parse(response);
        }
        known.setEntity(new CompleteEntity(response, known));
        return known;
    }

    @Override
    public void onFailure(IOException failure) {
        stopWaiting();
        if (!exchange.repeat(place, reused, failure)) {
            exchange.fail(typed(failure, exchange.target.toHostString()));
        }
    }

    private Throwable typed(IOException failure, String target) {
        return reused && failure instanceof NoResponseException
                ? new StaleConnectionException(target, failure)
                : Failures.ofExchange(failure, target);
    }

    private void stopWaiting() {
        body.compareAndSet(Body.DUE, Body.UNWANTED);
        if (waitForContinue != null) {
            waitForContinue.cancel();
        }
    }

    private void received(CompleteResponse response, ClassicHttpResponse message) {
        Call<?> call = exchange.call;
        exchange.trace.received(message.getCode(), response.size());
        if (call.keepAliveMayBlock()) {
            call.received(message, () -> exchange.succeed(place, keepAlive(response, message)));
        } else if (exchange.succeed(place, keepAlive(response, message))) {
            call.received(message);
        } else {
            response.close();
        }
    }

    private void received(LiveLease lease, ClassicHttpResponse message) {
        Call<?> call = exchange.call;
        if (call.keepAliveMayBlock()) {
            call.received(message, () -> lease.agree(terms(message)));
        } else {
            lease.agree(terms(message));
            call.received(message);
        }
    }

    private LiveLease.@Nullable Terms terms(ClassicHttpResponse message) {
        TimeValue keepAlive = exchange.call.keepAlive(message);
        return keepAlive == null ? null : new LiveLease.Terms(keepAlive, exchange.owner());
    }

    /** For how long to keep the connection, or null if it can't be kept. */
    private @Nullable TimeValue keepAlive(CompleteResponse response, ClassicHttpResponse message) {
        return response.reusable() && body.get() == Body.SENT ? exchange.call.keepAlive(message) : null;
    }
}
