package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A response that has arrived whole, while its last bytes are written to a file: it is delivered then, or failed. */
final class Storing {

    private final AsyncSocket socket;

    /** Taken by whoever tells it, once: the end of writing, or this side's closing of the connection. */
    private final AtomicReference<@Nullable ResponseListener> listener;

    Storing(AsyncSocket socket, ResponseListener listener) {
        this.socket = socket;
        this.listener = new AtomicReference<>(listener);
    }

    void await(CompletableFuture<StoredBytes> stored, Function<StoredBytes, CompleteResponse> response) {
        stored.whenComplete((bytes, failure) -> {
            AtomicBoolean delivered = new AtomicBoolean();
            Runnable delivery = () -> {
                if (delivered.compareAndSet(false, true)) {
                    deliver(bytes, failure, response);
                }
            };
            socket.execute(delivery);
            if (!socket.isOpen()) {
                // The core may have closed, and its loop run its last task, before ours.
                delivery.run();
            }
        });
    }

    private void deliver(
            @Nullable StoredBytes bytes,
            @Nullable Throwable failure,
            Function<StoredBytes, CompleteResponse> response) {
        ResponseListener waiting = listener.getAndSet(null);
        if (bytes != null && waiting != null) {
            waiting.onComplete(response.apply(bytes));
        } else if (bytes != null) {
            bytes.close();
        } else if (failure != null && waiting != null) {
            waiting.onFailure(unwrapped(failure));
        }
    }

    void fail(IOException cause) {
        ResponseListener waiting = listener.getAndSet(null);
        if (waiting != null) {
            waiting.onFailure(cause);
        }
    }

    /** Out of what futures wrap it in. */
    static IOException unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof UncheckedIOException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof IOException known ? known : new IOException("response not stored: " + cause, cause);
    }
}
