package dev.millpond.http.connect;

import dev.millpond.async.AsyncCore;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.pool.StrictConnPool;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HttpCore's pool, with what its blocking users leave to a stale check and an evictor thread: a connection that ends
 * while it is idle leaves the pool at once, and one that outlives its keep-alive soon.
 */
public final class ConnectionPool implements Closeable {

    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(10);

    private final AsyncCore core;
    private final StrictConnPool<HttpRoute, Connection> pool;

    /** One sweep serves all connections that have closed since the last one: each sweep walks over the whole pool. */
    private final AtomicBoolean sweepDue = new AtomicBoolean();

    private final AtomicBoolean expiryCheckDue = new AtomicBoolean();

    public ConnectionPool(AsyncCore core, int maxPerRoute, int maxTotal) {
        this.core = core;
        this.pool =
                new StrictConnPool<>(maxPerRoute, maxTotal, TimeValue.NEG_ONE_MILLISECOND, PoolReusePolicy.LIFO, null);
    }

    /**
     * Leases a place for a connection, with or without one in it. The callback is called on this thread if a place is
     * free, else on the one that frees it.
     *
     * @param userToken whose connection it may be besides nobody's, or null
     */
    public Future<PoolEntry<HttpRoute, Connection>> lease(
            HttpRoute route, @Nullable Object userToken, FutureCallback<PoolEntry<HttpRoute, Connection>> callback) {
        return pool.lease(route, userToken, Timeout.DISABLED, callback);
    }

    /**
     * Gives the place back, with its connection, to be kept for {@code keepAlive} at most.
     *
     * @param userToken whose connection it is from now on; null for nobody's
     */
    public void release(PoolEntry<HttpRoute, Connection> entry, @Nullable Object userToken, TimeValue keepAlive) {
        Connection connection = entry.getConnection();
        TimeValue kept = connection == null ? keepAlive : connection.keepAlive(keepAlive);
        if (kept == null) {
            pool.release(entry, false);
            return;
        }
        entry.updateState(userToken);
        entry.updateExpiry(kept);
        releaseUnused(entry);
        checkExpiryLater();
    }

    /** Gives back what was leased for nothing, as it was. */
    public void releaseUnused(PoolEntry<HttpRoute, Connection> entry) {
        Connection connection = entry.getConnection();
        pool.release(entry, true);
        if (connection != null && !connection.isOpen()) {
            // It ended before the pool had it, so that the sweep it asked for may have missed it.
            sweep();
        }
    }

    /** Gives the place back without a connection. */
    public void releaseEmpty(PoolEntry<HttpRoute, Connection> entry) {
        entry.discardConnection(CloseMode.IMMEDIATE);
        pool.release(entry, false);
    }

    /** Removes connections that have closed from the pool, soon and on an event loop. */
    public void sweep() {
        if (sweepDue.compareAndSet(false, true)) {
            core.delay(Duration.ZERO, () -> {
                sweepDue.set(false);
                pool.enumAvailable(ConnectionPool::discardIfClosed);
            });
        }
    }

    private static void discardIfClosed(PoolEntry<HttpRoute, Connection> entry) {
        Connection connection = entry.getConnection();
        if (connection != null && !connection.isOpen()) {
            entry.discardConnection(CloseMode.IMMEDIATE);
        }
    }

    private void checkExpiryLater() {
        if (expiryCheckDue.compareAndSet(false, true)) {
            core.delay(EXPIRY_CHECK, () -> {
                expiryCheckDue.set(false);
                pool.closeExpired();
                if (pool.getTotalStats().getAvailable() > 0) {
                    checkExpiryLater();
                }
            });
        }
    }

    public PoolStats stats() {
        return pool.getTotalStats();
    }

    public PoolStats stats(HttpRoute route) {
        return pool.getStats(route);
    }

    @Override
    public void close() {
        pool.close(CloseMode.IMMEDIATE);
    }
}
