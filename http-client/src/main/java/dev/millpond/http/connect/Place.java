package dev.millpond.http.connect;

import org.jspecify.annotations.Nullable;

/** Room for one connection in the pool, used by whoever has leased it. */
public final class Place<C extends Pooled> {

    final RoutePlaces<C> route;

    private @Nullable C connection;
    private @Nullable Object owner;
    private boolean expires;
    private long expiresAt;
    private long idleSince;

    Place(RoutePlaces<C> route) {
        this.route = route;
    }

    /** Null until one was put here. */
    public @Nullable C connection() {
        return connection;
    }

    /** Puts a connection here, in place of none. */
    public void connection(C opened) {
        connection = opened;
    }

    /** Closes the connection, if there is one: the place is empty then. */
    public void discard() {
        C discarded = connection;
        connection = null;
        if (discarded != null) {
            discarded.abort();
        }
    }

    void keepFor(@Nullable Object newOwner, long nanos, long now) {
        owner = newOwner;
        expires = nanos > 0;
        expiresAt = now + nanos;
    }

    /** It is nobody's lease from now on. */
    void idle(long now) {
        idleSince = now;
    }

    boolean usable(long now) {
        return connection != null && connection.isOpen() && !(expires && now - expiresAt >= 0);
    }

    boolean belongsTo(@Nullable Object user) {
        return owner == null ? user == null : owner.equals(user);
    }

    boolean olderThan(Place<C> other) {
        return idleSince - other.idleSince < 0;
    }
}
