package dev.millpond.http.connect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.pool.PoolStats;
import org.jspecify.annotations.Nullable;

/**
 * Which connections are leased, which are idle, and who waits: HttpCore's {@code StrictConnPool}, with its limits,
 * order and preferences, at a fraction of its cost for each lease. First come, first served, but for those whose route
 * has no place left; of what is idle, the last used is leased first, and the oldest has to go when others need room.
 *
 * <p>What is to be done is decided under the lock, and done outside of it: connections are closed, and leases granted,
 * by the thread whose call has led to it. Nothing waits.
 */
final class Places<C extends Pooled> {

    private final int maxPerRoute;
    private final int maxTotal;
    private final LongSupplier nanoTime;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<HttpRoute, RoutePlaces<C>> routes = new HashMap<>();

    /** In order of their coming. */
    private final Set<Lease<C>> waiting = new LinkedHashSet<>();

    /** To be discarded by the thread that holds the lock, once it doesn't. */
    private List<Place<C>> dropped = new ArrayList<>();

    private int total;
    private int idle;
    private boolean closed;

    Places(int maxPerRoute, int maxTotal, LongSupplier nanoTime) {
        this.maxPerRoute = maxPerRoute;
        this.maxTotal = maxTotal;
        this.nanoTime = nanoTime;
    }

    /** Grants the lease now, or as soon as there is room for it; returns whether it has to wait for that. */
    boolean lease(Lease<C> lease) {
        long now = nanoTime.getAsLong();
        List<Place<C>> unwanted;
        Place<C> place = null;
        boolean refused;
        lock.lock();
        try {
            refused = closed;
            if (!refused) {
                place = take(lease, now);
                if (place == null) {
                    waiting.add(lease);
                }
            }
            unwanted = takeDropped();
        } finally {
            lock.unlock();
        }
        unwanted.forEach(Place::discard);
        if (refused) {
            lease.refused();
        } else if (place != null) {
            lease.granted(place);
        }
        return !refused && place == null;
    }

    /** Takes the lease back, if it was not granted yet. */
    void cancel(Lease<C> lease) {
        lock.lock();
        try {
            waiting.remove(lease);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends a lease. The place is kept if there is a connection in it that can be used.
     *
     * @param owner whose that is from now on, or null for nobody's
     * @param nanos for how long to keep it; zero or less for ever
     */
    void release(Place<C> place, @Nullable Object owner, long nanos) {
        long now = nanoTime.getAsLong();
        place.keepFor(owner, nanos, now);
        release(place, now);
    }

    /** Ends a lease that was for nothing: the place is as it was. */
    void release(Place<C> place) {
        release(place, nanoTime.getAsLong());
    }

    private void release(Place<C> place, long now) {
        List<Place<C>> unwanted;
        Grant<C> grant = null;
        lock.lock();
        try {
            if (place.usable(now) && !closed) {
                place.idle(now);
                place.route.add(place);
                idle++;
            } else {
                drop(place);
            }
            if (!waiting.isEmpty()) {
                grant = next(now);
            }
            unwanted = takeDropped();
        } finally {
            lock.unlock();
        }
        unwanted.forEach(Place::discard);
        if (grant != null) {
            grant.lease.granted(grant.place);
        }
    }

    /** Drops the idle connections that have closed or expired. */
    void sweep() {
        long now = nanoTime.getAsLong();
        List<Place<C>> unwanted;
        List<Grant<C>> grants = new ArrayList<>();
        lock.lock();
        try {
            for (RoutePlaces<C> route : List.copyOf(routes.values())) {
                for (Place<C> gone = route.takeUnusable(now); gone != null; gone = route.takeUnusable(now)) {
                    dropIdle(gone);
                }
            }
            for (Grant<C> grant = next(now); grant != null; grant = next(now)) {
                grants.add(grant);
            }
            unwanted = takeDropped();
        } finally {
            lock.unlock();
        }
        unwanted.forEach(Place::discard);
        grants.forEach(grant -> grant.lease.granted(grant.place));
    }

    /** Refuses all leases from now on, and closes what is idle; what is leased is closed when it is released. */
    void close() {
        List<Place<C>> unwanted;
        List<Lease<C>> refused;
        lock.lock();
        try {
            closed = true;
            refused = List.copyOf(waiting);
            waiting.clear();
            for (RoutePlaces<C> route : List.copyOf(routes.values())) {
                for (Place<C> place = route.takeOldest(); place != null; place = route.takeOldest()) {
                    dropIdle(place);
                }
            }
            unwanted = takeDropped();
        } finally {
            lock.unlock();
        }
        unwanted.forEach(Place::discard);
        refused.forEach(Lease::refused);
    }

    PoolStats stats() {
        lock.lock();
        try {
            return new PoolStats(total - idle, waiting.size(), idle, maxTotal);
        } finally {
            lock.unlock();
        }
    }

    PoolStats stats(HttpRoute route) {
        lock.lock();
        try {
            RoutePlaces<C> places = routes.get(route);
            int idleThere = places == null ? 0 : places.idle();
            int leased = places == null ? 0 : places.size - idleThere;
            long pending =
                    waiting.stream().filter(lease -> lease.route.equals(route)).count();
            return new PoolStats(leased, (int) pending, idleThere, maxPerRoute);
        } finally {
            lock.unlock();
        }
    }

    // Under the lock.

    private record Grant<C extends Pooled>(Lease<C> lease, Place<C> place) {}

    private @Nullable Grant<C> next(long now) {
        for (Iterator<Lease<C>> leases = waiting.iterator(); leases.hasNext(); ) {
            Lease<C> lease = leases.next();
            Place<C> place = take(lease, now);
            if (place != null) {
                leases.remove();
                return new Grant<>(lease, place);
            }
        }
        return null;
    }

    /** A place for the lease, or null if there is none now. */
    private @Nullable Place<C> take(Lease<C> lease, long now) {
        RoutePlaces<C> route = routes.get(lease.route);
        if (route != null) {
            for (Place<C> known = route.take(lease.owner); known != null; known = route.take(lease.owner)) {
                if (known.usable(now)) {
                    idle--;
                    return known;
                }
                dropIdle(known);
            }
        }
        return makeRoom(route) ? newPlace(lease.route) : null;
    }

    /** Of what is idle, what the limits don't leave room for goes: of the route itself, or of any. */
    private boolean makeRoom(@Nullable RoutePlaces<C> route) {
        if (route != null && route.size >= maxPerRoute) {
            return dropOldest(route);
        }
        return total < maxTotal || dropOldest(longestIdle());
    }

    private boolean dropOldest(@Nullable RoutePlaces<C> route) {
        Place<C> oldest = route == null ? null : route.takeOldest();
        if (oldest == null) {
            return false;
        }
        dropIdle(oldest);
        return true;
    }

    private @Nullable RoutePlaces<C> longestIdle() {
        Place<C> oldest = null;
        for (RoutePlaces<C> route : routes.values()) {
            Place<C> candidate = route.oldest();
            if (candidate != null && (oldest == null || candidate.olderThan(oldest))) {
                oldest = candidate;
            }
        }
        return oldest == null ? null : oldest.route;
    }

    private Place<C> newPlace(HttpRoute route) {
        RoutePlaces<C> places = routes.computeIfAbsent(route, RoutePlaces::new);
        places.size++;
        total++;
        return new Place<>(places);
    }

    private void dropIdle(Place<C> place) {
        idle--;
        drop(place);
    }

    private void drop(Place<C> place) {
        dropped.add(place);
        total--;
        place.route.size--;
        if (place.route.size == 0) {
            routes.remove(place.route.route);
        }
    }

    private List<Place<C>> takeDropped() {
        if (dropped.isEmpty()) {
            // To go through List.of() would make an iterator, each time.
            return Collections.emptyList();
        }
        List<Place<C>> taken = dropped;
        dropped = new ArrayList<>();
        return taken;
    }

    @Override
    public String toString() {
        return "Places[" + stats() + "]";
    }
}
