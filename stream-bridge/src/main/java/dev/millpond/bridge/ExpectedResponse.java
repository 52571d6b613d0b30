package dev.millpond.bridge;

/** The promise of one response. */
final class ExpectedResponse extends GuardedFuture<CompleteResponse> {

    private final ResponseStream stream;
    final String method;
    final ResponseLimits limits;
    final long startedAt;

    ExpectedResponse(ResponseStream stream, String method, ResponseLimits limits, long startedAt) {
        this.stream = stream;
        this.method = method;
        this.limits = limits;
        this.startedAt = startedAt;
    }

    /** Nobody wants the rest of this response, and the connection can't be used without it. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            stream.abort();
        }
        return cancelled;
    }
}
