package dev.millpond.bridge;

/** A response that was asked for: to what, within which limits, and for whom. Like itself only. */
final class ExpectedResponse {

    private final String method;
    private final ResponseLimits limits;
    private final long startedAt;
    private final ResponseListener listener;

    ExpectedResponse(String method, ResponseLimits limits, long startedAt, ResponseListener listener) {
        this.method = method;
        this.limits = limits;
        this.startedAt = startedAt;
        this.listener = listener;
    }

    String method() {
        return method;
    }

    ResponseLimits limits() {
        return limits;
    }

    long startedAt() {
        return startedAt;
    }

    ResponseListener listener() {
        return listener;
    }
}
