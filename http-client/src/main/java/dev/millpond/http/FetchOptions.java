package dev.millpond.http;

import dev.millpond.bridge.ResponseLimits;
import dev.millpond.http.fetch.CallOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpResponse;

/** What one fetch has of its own. Immutable; each method returns a changed copy. */
public final class FetchOptions {

    private static final FetchOptions DEFAULTS = new FetchOptions(CallOptions.NONE);

    private final CallOptions call;

    private FetchOptions(CallOptions call) {
        this.call = call;
    }

    /** Those of the {@link Millpond}. */
    public static FetchOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Apache's context, with Apache's meaning: what it has (request configuration, cookie store, credentials,
     * authentication cache and exchanges) goes before what the client has, and after the fetch it shows the last
     * request, response and route, the redirect locations, cookies and authentication exchanges. It serves one fetch at
     * a time, on any threads.
     */
    public FetchOptions context(HttpClientContext context) {
        Objects.requireNonNull(context, "context");
        return new FetchOptions(new CallOptions(context, call.deadline(), call.onInterim()));
    }

    /**
     * Longest time from the call to the last byte of its last response, redirects, authentication, retries and their
     * intervals included; in place of the client's {@code responseDeadline}.
     *
     * @throws IllegalArgumentException if it is not more than zero
     */
    public FetchOptions deadline(Duration deadline) {
        ResponseLimits.DEFAULTS.responseDeadline(deadline); // checks it
        return new FetchOptions(new CallOptions(call.context(), deadline, call.onInterim()));
    }

    /**
     * Is told of interim responses (1xx, such as 103), in order and before the response they precede, on the callback
     * executor. As in Apache's client, a 100 is not told: it is for the sender of the body. What the listener throws
     * fails the fetch.
     */
    public FetchOptions onInterim(Consumer<? super HttpResponse> listener) {
        Objects.requireNonNull(listener, "listener");
        return new FetchOptions(new CallOptions(call.context(), call.deadline(), listener));
    }

    CallOptions call() {
        return call;
    }
}
