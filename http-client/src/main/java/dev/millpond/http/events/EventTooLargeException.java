package dev.millpond.http.events;

import java.io.IOException;

/** An event, or a line of a stream of events, is larger than the limit. */
public final class EventTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int limit;

    EventTooLargeException(int limit) {
        super("event too large: maxEventSize is " + limit + " bytes, received more");
        this.limit = limit;
    }

    /** The limit, {@code maxEventSize}, in bytes. */
    public int limit() {
        return limit;
    }
}
