package dev.millpond.http.fetch;

import dev.millpond.async.Cancellable;
import dev.millpond.bridge.NoResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.http.connect.Connecting;
import dev.millpond.http.connect.Connection;
import dev.millpond.http.connect.Lease;
import dev.millpond.http.connect.Place;
import dev.millpond.http.connect.TunnelRefusedException;
import dev.millpond.http.message.EncodedRequest;
import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A request exchanged for a response, or a failure:
 *
 * <ol>
 *   <li>lease a place in the pool, which may have to be waited for;
 *   <li>connect, unless the place has an open connection in it;
 *   <li>send and receive: an {@link Attempt}, of which there may be a second on a fresh connection;
 *   <li>give the place back, and tell the call.
 * </ol>
 *
 * <p>It may end at any moment, from any thread: by a response, a failure, the deadline, or the call's cancelling it.
 * The monitor orders those against the steps: each step first takes over what is held, and finds out if it comes too
 * late; whoever ends the exchange lets go of what is held then, once.
 */
final class Exchange extends Lease<Connection> implements Cancellable {

    final Fetcher fetcher;
    final Call<?> call;
    final HttpHost target;
    final EncodedRequest request;

    final ExchangeTrace trace;

    private final HttpRoute route;
    private final boolean afresh;

    private boolean over;
    private @Nullable Place<Connection> place;

    /** What else is held; lets go of the place, too. */
    private @Nullable Runnable letGo;

    private @Nullable Cancellable deadline;
    private boolean repeated;
    private @Nullable LiveLease live;

    /** @param afresh whether to leave alone the connections that have been used before */
    Exchange(Fetcher fetcher, Call<?> call, HttpRoute route, EncodedRequest request, boolean afresh) {
        super(route, call.context.getUserToken());
        this.fetcher = fetcher;
        this.call = call;
        this.route = route;
        this.target = route.getTargetHost();
        this.request = request;
        this.afresh = afresh;
        this.trace = ExchangeTrace.of(call, route);
    }

    void start() {
        trace.leasing();
        if (fetcher.pool.lease(this) && !awaitLease()) {
            fetcher.pool.cancel(this);
        }
    }

    /** False if the exchange is over; a lease that is granted nevertheless is then given back. */
    private synchronized boolean awaitLease() {
        if (over) {
            return false;
        }
        if (place == null) {
            letGo = () -> fetcher.pool.cancel(this);
            watch(Math.min(leaseTimeout(), untilDeadline()));
        }
        return true;
    }

    @Override
    protected void granted(Place<Connection> leased) {
        if (fetcher.isClosed()) {
            // The place of one that closing has failed already: nobody connects in it any more.
            fail(new MillpondClosedException());
        }
        if (!take(leased)) {
            fetcher.pool.releaseUnused(leased);
            return;
        }
        Connection connection = leased.connection();
        if (connection != null && connection.isOpen() && !afresh) {
            trace.leased(true);
            send(leased, connection);
        } else {
            trace.leased(false);
            leased.discard();
            connect(leased);
        }
    }

    @Override
    protected void refused() {
        fail(new MillpondClosedException());
    }

    private synchronized boolean take(Place<Connection> leased) {
        if (!hold(null)) {
            return false;
        }
        place = leased;
        unwatch();
        return true;
    }

    private void connect(Place<Connection> leased) {
        trace.connecting();
        Connecting connecting = fetcher.connector.connecting(
                route,
                call.context,
                call.limits,
                call.startedAt,
                (connection, failure) -> connected(leased, connection, failure));
        boolean held = hold(() -> {
            connecting.cancel();
            fetcher.pool.releaseEmpty(leased);
        });
        if (!held) {
            return;
        }
        if (!fetcher.connector.keepsDeadline(route)) {
            watch(untilDeadline());
        }
        connecting.start();
    }

    private void connected(Place<Connection> leased, @Nullable Connection connection, @Nullable Throwable failure) {
        trace.connected(failure);
        if (failure instanceof TunnelRefusedException refused) {
            trace.received(refused.response().getCode(), 0);
            if (succeed(leased, null)) {
                call.received(refused.response());
            } else {
                Closer.closeQuietly(refused.response());
            }
        } else if (failure != null) {
            fail(untilDeadline() > 0 ? failure : notConnected());
        } else if (connection != null) {
            connected(leased, connection);
        }
    }

    private void connected(Place<Connection> leased, Connection connection) {
        if (put(connection, leased)) {
            connection.begin(() -> send(leased, connection));
        } else {
            connection.abort();
        }
    }

    /** The place is held with the connection in it from now on. */
    private synchronized boolean put(Connection connection, Place<Connection> leased) {
        if (!hold(null)) {
            return false;
        }
        leased.connection(connection);
        unwatch();
        return true;
    }

    private void send(Place<Connection> leased, Connection connection) {
        call.context.setSSLSession(connection.sslSession());
        new Attempt(this, leased, connection).start();
    }

    /** Sends the request on a fresh connection, if nothing of it has left on the old one. */
    boolean repeat(Place<Connection> leased, boolean reused, Throwable failure) {
        if (!reused || repeated || !(failure instanceof NoResponseException closed) || closed.requestSent()) {
            return false;
        }
        if (!request.repeatable()) {
            return false;
        }
        repeated = true;
        leased.discard();
        connect(leased);
        return true;
    }

    /** Ends the exchange with a response; the connection is kept if {@code keepAlive}. False if it has ended before. */
    boolean succeed(Place<Connection> leased, @Nullable TimeValue keepAlive) {
        if (!end()) {
            return false;
        }
        trace.succeeded(keepAlive != null);
        if (keepAlive == null) {
            letGo();
        } else {
            fetcher.pool.release(leased, owner(), keepAlive);
        }
        return true;
    }

    /** Whose the connection is from now on; null for nobody's. */
    @Nullable
    Object owner() {
        return UserTokens.of(fetcher.settings.userTokens(), route, request.message(), call.context);
    }

    /**
     * The response has begun, and its place is given back when it ends. Until then the exchange may be cancelled, or
     * fail with its request, but its call has had its answer. False if it has ended before.
     */
    boolean goLive(LiveLease lease) {
        synchronized (this) {
            if (!hold(() -> lease.fail(new IOException("response closed")))) {
                return false;
            }
            live = lease;
        }
        lease.begin();
        return true;
    }

    /** Ends the exchange with a failure, unless it has ended. */
    void fail(Throwable failure) {
        if (!end()) {
            return;
        }
        LiveLease lease = live();
        if (lease != null) {
            lease.fail(failure);
        } else {
            letGo();
            trace.failed(failure);
            call.failed(failure);
        }
    }

    private synchronized @Nullable LiveLease live() {
        return live;
    }

    @Override
    public void cancel() {
        if (end()) {
            letGo();
            trace.cancelled();
        }
    }

    /** @param release what lets go of what is held; null if that is its place */
    private synchronized boolean hold(@Nullable Runnable release) {
        if (over) {
            return false;
        }
        letGo = release;
        return true;
    }

    /** True for the one who ends the exchange, and has to let go of what is held; false for everybody after. */
    private synchronized boolean end() {
        if (over) {
            return false;
        }
        over = true;
        unwatch();
        return true;
    }

    /** For the one who has ended the exchange: from then on, nothing more is held. */
    private void letGo() {
        if (letGo != null) {
            letGo.run();
        } else if (place != null) {
            fetcher.pool.releaseEmpty(place);
        }
    }

    /** On a connection the deadline is the stream's business; before, there is only this timer. */
    private synchronized void watch(long nanos) {
        if (deadline == null && !over) {
            deadline = fetcher.core.delay(Duration.ofNanos(Math.max(0, nanos)), this::overdue);
        }
    }

    private synchronized void unwatch() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    private long untilDeadline() {
        return call.limits.responseDeadline().toNanos() - (System.nanoTime() - call.startedAt);
    }

    private long leaseTimeout() {
        Timeout timeout = call.config.getConnectionRequestTimeout();
        return timeout == null || timeout.isDisabled() ? Long.MAX_VALUE : timeout.toNanoseconds();
    }

    private void overdue() {
        if (leased() && untilDeadline() > 0) {
            // The lease came as the wait for it ended.
            unwatch();
            watch(untilDeadline());
            return;
        }
        fail(leased() ? notConnected() : noLease());
    }

    private ResponseDeadlineException notConnected() {
        return new ResponseDeadlineException(
                "response not complete within " + call.limits.responseDeadlineText() + ": not connected yet");
    }

    private synchronized boolean leased() {
        return place != null;
    }

    private ConnectionRequestTimeoutException noLease() {
        PoolStats stats = fetcher.pool.stats(route);
        return new ConnectionRequestTimeoutException("no connection within " + leaseTimeoutText() + ": route "
                + target.toURI() + ", leased " + stats.getLeased() + ", pending " + stats.getPending() + ", limit "
                + stats.getMax());
    }

    private String leaseTimeoutText() {
        Duration deadlineOfCall = call.limits.responseDeadline();
        return leaseTimeout() < deadlineOfCall.toNanos()
                ? ResponseLimits.text(Duration.ofNanos(leaseTimeout()))
                : ResponseLimits.text(deadlineOfCall);
    }
}
