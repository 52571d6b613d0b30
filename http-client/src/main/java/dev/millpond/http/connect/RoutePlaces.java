package dev.millpond.http.connect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.apache.hc.client5.http.HttpRoute;
import org.jspecify.annotations.Nullable;

/** The places of one route. Guarded by the lock of {@link Places}. */
final class RoutePlaces<C extends Pooled> {

    final HttpRoute route;

    /** Leased and idle. */
    int size;

    /** Last in, first out, so that those which are not needed may expire. */
    private final Deque<Place<C>> idle = new ArrayDeque<>(4);

    RoutePlaces(HttpRoute route) {
        this.route = route;
    }

    int idle() {
        return idle.size();
    }

    void add(Place<C> place) {
        idle.addLast(place);
    }

    /** The place that has been idle for the shortest time with a connection of the owner's, or else of nobody's. */
    @Nullable
    Place<C> take(@Nullable Object owner) {
        Place<C> own = takeOf(owner);
        return own == null && owner != null ? takeOf(null) : own;
    }

    private @Nullable Place<C> takeOf(@Nullable Object owner) {
        if (idle.isEmpty()) {
            return null;
        }
        for (Iterator<Place<C>> newestFirst = idle.descendingIterator(); newestFirst.hasNext(); ) {
            Place<C> place = newestFirst.next();
            if (place.belongsTo(owner)) {
                newestFirst.remove();
                return place;
            }
        }
        return null;
    }

    /** The place that has been idle for the longest time. */
    @Nullable
    Place<C> oldest() {
        return idle.peekFirst();
    }

    @Nullable
    Place<C> takeOldest() {
        return idle.pollFirst();
    }

    /** One that can't be used any more, as long as there are any. */
    @Nullable
    Place<C> takeUnusable(long now) {
        for (Iterator<Place<C>> places = idle.iterator(); places.hasNext(); ) {
            Place<C> place = places.next();
            if (!place.usable(now)) {
                places.remove();
                return place;
            }
        }
        return null;
    }
}
