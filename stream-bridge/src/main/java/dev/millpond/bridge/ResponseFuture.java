package dev.millpond.bridge;

import java.io.IOException;

/** The promise of one complete response. */
final class ResponseFuture extends GuardedFuture<CompleteResponse> implements ResponseListener {

    private final ResponseStream stream;

    ResponseFuture(ResponseStream stream) {
        this.stream = stream;
    }

    @Override
    public void onComplete(CompleteResponse response) {
        if (!complete(response)) {
            response.close();
        }
    }

    @Override
    public void onFailure(IOException failure) {
        completeExceptionally(failure);
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
