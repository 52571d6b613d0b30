package dev.millpond.http.connect;

import org.apache.hc.client5.http.HttpRoute;
import org.jspecify.annotations.Nullable;

/** A request for a place in the pool, and what is to come of it: one of its methods is called, once. */
public abstract class Lease<C extends Pooled> {

    final HttpRoute route;
    final @Nullable Object owner;

    /** @param owner whose connection it may be besides nobody's, or null */
    protected Lease(HttpRoute route, @Nullable Object owner) {
        this.route = route;
        this.owner = owner;
    }

    /** The place is leased, and has to be given back. On the thread that leases it or has made room for it. */
    protected abstract void granted(Place<C> place);

    /** The pool was closed. */
    protected abstract void refused();
}
