package dev.millpond.http.connect;

import dev.millpond.async.AsyncCore;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a client. What blocking clients leave to a stale check and an evictor thread happens by itself: a
 * connection that ends while it is idle leaves the pool at once, and one that outlives its keep-alive soon.
 */
public final class ConnectionPool implements Closeable {

    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(10);

    private final AsyncCore core;
    private final Places<Connection> places;

    /** One sweep serves all connections that have closed since the last one: each sweep walks over the whole pool. */
    private final AtomicBoolean sweepDue = new AtomicBoolean();

    private final AtomicBoolean expiryCheckDue = new AtomicBoolean();

    public ConnectionPool(AsyncCore core, int maxPerRoute, int maxTotal) {
        this.core = core;
        this.places = new Places<>(maxPerRoute, maxTotal, System::nanoTime);
    }

    /**
     * Leases a place for a connection, with or without one in it, now or as soon as there is one. Never waits; returns
     * whether the lease has to.
     */
    public boolean lease(Lease<Connection> lease) {
        return places.lease(lease);
    }

    /** Takes back what was not granted yet. */
    public void cancel(Lease<Connection> lease) {
        places.cancel(lease);
    }

    /**
     * Gives the place back, with its connection, to be kept for {@code keepAlive} at most.
     *
     * @param owner whose connection it is from now on; null for nobody's
     */
    public void release(Place<Connection> place, @Nullable Object owner, TimeValue keepAlive) {
        Connection connection = place.connection();
        TimeValue kept = connection == null ? null : connection.keepAlive(keepAlive);
        if (kept == null) {
            releaseEmpty(place);
            return;
        }
        places.release(place, owner, kept.toNanoseconds());
        checkExpiryLater();
    }

    /** Gives back what was leased for nothing, as it was. */
    public void releaseUnused(Place<Connection> place) {
        places.release(place);
    }

    /** Gives the place back without a connection. */
    public void releaseEmpty(Place<Connection> place) {
        place.discard();
        places.release(place);
    }

    /** Removes connections that have closed from the pool, soon and on an event loop. */
    public void sweep() {
        if (sweepDue.compareAndSet(false, true)) {
            core.delay(Duration.ZERO, () -> {
                sweepDue.set(false);
                places.sweep();
            });
        }
    }

    private void checkExpiryLater() {
        if (!expiryCheckDue.get() && expiryCheckDue.compareAndSet(false, true)) {
            core.delay(EXPIRY_CHECK, () -> {
                expiryCheckDue.set(false);
                places.sweep();
                if (places.stats().getAvailable() > 0) {
                    checkExpiryLater();
                }
            });
        }
    }

    public PoolStats stats() {
        return places.stats();
    }

    public PoolStats stats(HttpRoute route) {
        return places.stats(route);
    }

    /** Closes what is idle, and what is leased once it is given back. */
    @Override
    public void close() {
        places.close();
    }
}
