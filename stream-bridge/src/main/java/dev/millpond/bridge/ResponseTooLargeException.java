package dev.millpond.bridge;

import java.io.IOException;

/** A response's body is larger than the limit. */
public final class ResponseTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long limit;

    private ResponseTooLargeException(long limit, String response) {
        super("response too large: maxResponseSize is " + limit + " bytes, " + response);
        this.limit = limit;
    }

    static ResponseTooLargeException announced(long limit, long announced) {
        return new ResponseTooLargeException(limit, "content-length announces " + announced);
    }

    static ResponseTooLargeException received(long limit) {
        return new ResponseTooLargeException(limit, "received more");
    }

    /** The limit, {@code maxResponseSize}, in bytes. */
    public long limit() {
        return limit;
    }
}
