package dev.millpond.http.fetch;

import dev.millpond.async.Cancellable;
import dev.millpond.bridge.GuardedFuture;
import dev.millpond.bridge.NoResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.http.connect.Connection;
import dev.millpond.http.connect.TunnelRefusedException;
import dev.millpond.http.connect.UserTokens;
import dev.millpond.http.message.EncodedRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * One fetch, from the request to the completed future:
 *
 * <ol>
 *   <li>lease a place in the pool, which may have to be waited for;
 *   <li>connect, unless the place has an open connection in it;
 *   <li>send and receive: an {@link Attempt}, of which there may be a second on a fresh connection;
 *   <li>give the place back, then deliver on the callback executor.
 * </ol>
 *
 * <p>It may end at any moment, from any thread: by a response, a failure, the deadline, or the caller's completing the
 * future. The monitor orders those against the steps: each step first takes over what is held, and finds out if it
 * comes too late; whoever ends the exchange lets go of what is held then, once.
 */
final class Exchange<T> {

    final Fetcher fetcher;
    final HttpHost target;
    final EncodedRequest request;
    final long startedAt;

    final HttpRoute route;
    final HttpClientContext context;
    private final HttpClientResponseHandler<? extends T> handler;
    private final GuardedFuture<T> result = new GuardedFuture<>();

    private Runnable letGo = () -> {};
    private boolean over;
    private @Nullable PoolEntry<HttpRoute, Connection> place;
    private @Nullable Cancellable deadline;
    private boolean repeated;

    Exchange(
            Fetcher fetcher,
            HttpRoute route,
            HttpClientContext context,
            EncodedRequest request,
            HttpClientResponseHandler<? extends T> handler,
            long startedAt) {
        this.fetcher = fetcher;
        this.route = route;
        this.context = context;
        this.target = route.getTargetHost();
        this.request = request;
        this.handler = handler;
        this.startedAt = startedAt;
    }

    CompletableFuture<T> result() {
        return result;
    }

    ResponseLimits limits() {
        return fetcher.settings.limits();
    }

    void start() {
        result.whenComplete((value, failure) -> stop());
        // The pool refuses an interrupted thread, but this doesn't wait and so has nothing to be interrupted.
        boolean interrupted = Thread.interrupted();
        try {
            Future<PoolEntry<HttpRoute, Connection>> lease =
                    fetcher.pool.lease(route, context.getUserToken(), new LeaseCallback());
            if (!awaitLease(lease)) {
                lease.cancel(true);
            }
        } catch (IllegalStateException e) {
            fail(new MillpondClosedException());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** False if the exchange is over; what the lease may still bring is then given back by its callback. */
    private synchronized boolean awaitLease(Future<PoolEntry<HttpRoute, Connection>> lease) {
        if (over) {
            return false;
        }
        if (place == null) {
            letGo = () -> lease.cancel(true);
            watchDeadline();
        }
        return true;
    }

    private final class LeaseCallback implements FutureCallback<PoolEntry<HttpRoute, Connection>> {

        @Override
        public void completed(PoolEntry<HttpRoute, Connection> leased) {
            if (fetcher.isClosed()) {
                // The place of one that closing has failed already: nobody connects in it any more.
                fail(new MillpondClosedException());
            }
            if (!take(leased)) {
                fetcher.pool.releaseUnused(leased);
                return;
            }
            Connection connection = leased.getConnection();
            if (connection != null && connection.isOpen()) {
                send(leased, connection);
            } else {
                leased.discardConnection(CloseMode.IMMEDIATE);
                connect(leased);
            }
        }

        @Override
        public void failed(Exception e) {
            fail(e);
        }

        @Override
        public void cancelled() {
            fail(new MillpondClosedException());
        }
    }

    private synchronized boolean take(PoolEntry<HttpRoute, Connection> leased) {
        place = leased;
        return hold(() -> fetcher.pool.releaseEmpty(leased));
    }

    private void connect(PoolEntry<HttpRoute, Connection> leased) {
        CompletableFuture<Connection> connecting = fetcher.connector.connect(route, context, limits(), startedAt);
        boolean held = hold(() -> {
            connecting.cancel(false);
            fetcher.pool.releaseEmpty(leased);
        });
        if (!held) {
            connecting.cancel(false);
            return;
        }
        watchDeadline();
        connecting.whenComplete((connection, failure) -> connected(leased, connection, failure));
    }

    private void connected(
            PoolEntry<HttpRoute, Connection> leased, @Nullable Connection connection, @Nullable Throwable failure) {
        if (failure instanceof TunnelRefusedException refused) {
            if (!succeed(leased, refused.response(), null)) {
                Closer.closeQuietly(refused.response());
            }
        } else if (failure != null) {
            fail(failure);
        } else if (connection != null) {
            connected(leased, connection);
        }
    }

    private void connected(PoolEntry<HttpRoute, Connection> leased, Connection connection) {
        boolean held = hold(() -> {
            connection.close(CloseMode.IMMEDIATE);
            fetcher.pool.releaseEmpty(leased);
        });
        if (held) {
            leased.assignConnection(connection);
            send(leased, connection);
        } else {
            connection.close(CloseMode.IMMEDIATE);
        }
    }

    private void send(PoolEntry<HttpRoute, Connection> leased, Connection connection) {
        unwatchDeadline();
        context.setSSLSession(connection.sslSession());
        new Attempt(this, leased, connection).start();
    }

    /** Repeats the request on a fresh connection, if that is safe. */
    boolean repeat(PoolEntry<HttpRoute, Connection> leased, boolean reused, Throwable failure) {
        if (!reused || repeated || !(failure instanceof NoResponseException closed) || !request.repeatable()) {
            return false;
        }
        if (closed.requestSent() && !request.idempotent()) {
            return false;
        }
        repeated = true;
        leased.discardConnection(CloseMode.IMMEDIATE);
        connect(leased);
        return true;
    }

    /**
     * Ends the exchange with a response; false if it has ended otherwise. The connection is kept if {@code keepAlive}.
     */
    boolean succeed(
            PoolEntry<HttpRoute, Connection> leased, ClassicHttpResponse response, @Nullable TimeValue keepAlive) {
        Runnable held = end();
        if (held == null) {
            return false;
        }
        if (keepAlive == null) {
            held.run();
        } else {
            fetcher.pool.release(
                    leased, UserTokens.of(fetcher.settings.userTokens(), route, request.message(), context), keepAlive);
        }
        try {
            fetcher.settings.callbackExecutor().execute(() -> deliver(response));
        } catch (RejectedExecutionException e) {
            Closer.closeQuietly(response);
            result.completeExceptionally(e);
        }
        return true;
    }

    /** Ends the exchange with a failure, unless it has ended. */
    void fail(Throwable failure) {
        Runnable held = end();
        if (held == null) {
            return;
        }
        held.run();
        try {
            fetcher.settings.callbackExecutor().execute(() -> result.completeExceptionally(failure));
        } catch (RejectedExecutionException e) {
            // Better on this thread than not at all.
            result.completeExceptionally(failure);
        }
    }

    /** The result was completed, by this exchange or by its caller. */
    private void stop() {
        Runnable held = end();
        if (held != null) {
            held.run();
        }
    }

    private void deliver(ClassicHttpResponse response) {
        if (result.isDone()) {
            Closer.closeQuietly(response);
            return;
        }
        try {
            result.complete(handler.handleResponse(response));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private synchronized boolean hold(Runnable release) {
        if (over) {
            return false;
        }
        letGo = release;
        return true;
    }

    /** How to let go of what is held, for the one who ends the exchange; null for everybody after. */
    private @Nullable Runnable end() {
        synchronized (this) {
            if (over) {
                return null;
            }
            over = true;
        }
        unwatchDeadline();
        fetcher.over(this);
        return letGo;
    }

    /** On a connection the deadline is the stream's business; before, there is only this timer. */
    private synchronized void watchDeadline() {
        if (deadline == null && !over) {
            long left = limits().responseDeadline().toNanos() - (System.nanoTime() - startedAt);
            deadline = fetcher.core.delay(Duration.ofNanos(Math.max(0, left)), this::deadlinePassed);
        }
    }

    private synchronized void unwatchDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    private void deadlinePassed() {
        fail(
                leased()
                        ? new ResponseDeadlineException("response not complete within "
                                + limits().responseDeadlineText() + ": not connected yet")
                        : noLease());
    }

    private synchronized boolean leased() {
        return place != null;
    }

    private ConnectionRequestTimeoutException noLease() {
        PoolStats stats = fetcher.pool.stats(route);
        return new ConnectionRequestTimeoutException("no connection within " + limits().responseDeadlineText()
                + ": route " + target.toURI() + ", leased " + stats.getLeased() + ", pending " + stats.getPending()
                + ", limit " + stats.getMax());
    }
}
