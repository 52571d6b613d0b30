package dev.millpond.http.fetch;

import dev.millpond.bridge.LiveResponse;
import dev.millpond.http.connect.Connection;
import dev.millpond.http.connect.Place;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * The place in the pool whose connection a live response arrives on; it is given back when that has arrived to its end,
 * or has failed or been closed.
 *
 * <p>It knows nothing of the call, which knows the response: one that nobody reads any more has to become garbage.
 */
final class LiveLease {

    /** How to keep the connection, as was decided with the head. */
    record Terms(TimeValue keepAlive, @Nullable Object owner) {}

    private final Fetcher fetcher;
    private final Place<Connection> place;
    private final LiveResponse response;
    private final BooleanSupplier requestSent;

    /** Comes from the callback executor where the user's own strategy decides, and so perhaps after the end. */
    private final CompletableFuture<@Nullable Terms> terms = new CompletableFuture<>();

    /** @param requestSent whether the request has been sent to its end */
    LiveLease(Fetcher fetcher, Place<Connection> place, LiveResponse response, BooleanSupplier requestSent) {
        this.fetcher = fetcher;
        this.place = place;
        this.response = response;
        this.requestSent = requestSent;
    }

    /** On the event loop, before the response goes on. */
    void begin() {
        response.onEnd(() -> {
            fetcher.over(this);
            giveBack();
        });
        fetcher.begun(this);
    }

    /** @param agreed null if the connection can't be kept */
    void agree(@Nullable Terms agreed) {
        terms.complete(agreed);
    }

    private void giveBack() {
        if (response.reusable() && requestSent.getAsBoolean()) {
            var unused = terms.thenAccept(this::giveBack);
        } else {
            fetcher.pool.releaseEmpty(place);
        }
    }

    private void giveBack(@Nullable Terms agreed) {
        if (agreed == null) {
            fetcher.pool.releaseEmpty(place);
        } else {
            fetcher.pool.release(place, agreed.owner(), agreed.keepAlive());
        }
    }

    /** Ends the response, whose reader is told why; any thread. */
    void fail(Throwable cause) {
        agree(null);
        response.close(cause instanceof IOException known ? known : new IOException(cause));
    }
}
