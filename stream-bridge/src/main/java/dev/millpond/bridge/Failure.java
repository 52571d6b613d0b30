package dev.millpond.bridge;

import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Why a stream fails, thread-safe: another exception for each call but the first. One that is thrown by a call, and
 * again as the stream is closed for it, would have to be suppressed by itself, which Java refuses.
 */
final class Failure {

    private final IOException cause;
    private final AtomicBoolean told = new AtomicBoolean();

    Failure(IOException cause) {
        this.cause = cause;
    }

    /** What to throw. */
    IOException next() {
        if (told.compareAndSet(false, true)) {
            return cause;
        }
        String message = cause.getMessage();
        IOException again = cause instanceof SocketException ? new SocketException(message) : new IOException(message);
        again.initCause(cause);
        return again;
    }
}
