package dev.millpond.http;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;

/** Future-returning fetches of complete responses. */
public final class Millpond implements Closeable {

    /** With default settings. */
    public static Millpond create() {
        return builder().build();
    }

    public static MillpondBuilder builder() {
        return new MillpondBuilder();
    }

    /** The response, complete; any HTTP status is a success. */
    public CompletableFuture<ClassicHttpResponse> fetch(ClassicHttpRequest request) {
        throw new UnsupportedOperationException();
    }

    /**
     * What {@code handler} makes of the complete response, run on the callback executor; the response is closed after
     * it.
     */
    public <T> CompletableFuture<T> fetch(ClassicHttpRequest request, HttpClientResponseHandler<? extends T> handler) {
        throw new UnsupportedOperationException();
    }

    public MillpondStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
