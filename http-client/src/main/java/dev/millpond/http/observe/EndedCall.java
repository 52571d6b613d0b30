package dev.millpond.http.observe;

import java.time.Duration;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;

/**
 * A fetch that has ended. It tells nothing secret: neither fields nor path and query.
 *
 * @param exchangeId what Apache calls it ({@code HttpContext.getExchangeId()}), and the log too
 * @param method of the request that was asked for
 * @param target of that request; redirects may have led elsewhere
 * @param exchanges how many exchanges it took: redirects, challenges and retries count; 0 if it came to none
 * @param elapsed from the call to its end: a handler's time is included
 * @param status of the response that was delivered, also if its handler failed; 0 if there was none
 * @param failure null unless it has failed, or its future was completed by somebody else with an exception
 */
public record EndedCall(
        String exchangeId,
        String method,
        HttpHost target,
        int exchanges,
        Duration elapsed,
        int status,
        Outcome outcome,
        @Nullable Throwable failure) {

    public enum Outcome {
        /** A response was delivered, of whatever status. */
        SUCCEEDED,
        FAILED,
        /** The future was completed from outside: cancelled as a rule, or timed out by {@code orTimeout}. */
        CANCELLED
    }

    /** Null if it has succeeded. */
    public @Nullable FailureKind failureKind() {
        return switch (outcome) {
            case SUCCEEDED -> null;
            case CANCELLED -> FailureKind.CANCELLED;
            case FAILED -> FailureKind.of(failure);
        };
    }
}
