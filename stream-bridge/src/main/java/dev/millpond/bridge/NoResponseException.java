package dev.millpond.bridge;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The connection was closed or broke before the first byte of a response: the usual end of a kept-alive connection. */
public final class NoResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean requestSent;

    NoResponseException(boolean requestSent, @Nullable Throwable cause) {
        super("connection closed before the first byte of a response", cause);
        this.requestSent = requestSent;
    }

    /** False if no byte of the request was sent, so that it can't have been processed. */
    public boolean requestSent() {
        return requestSent;
    }
}
