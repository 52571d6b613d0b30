package dev.millpond.http.events;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A response that is no stream of events, so that asking again is no use. */
public final class EventStreamException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int statusCode;

    EventStreamException(int statusCode, @Nullable String contentType) {
        super("event stream: expected status 200 and text/event-stream, got " + statusCode + " and "
                + (contentType == null ? "no content type" : contentType));
        this.statusCode = statusCode;
    }

    public int statusCode() {
        return statusCode;
    }
}
