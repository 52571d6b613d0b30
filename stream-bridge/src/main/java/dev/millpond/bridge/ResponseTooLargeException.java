package dev.millpond.bridge;

import java.io.IOException;

/** A response's body is larger than a limit. */
public final class ResponseTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String setting;
    private final long limit;

    /**
     * @param setting the limit's name
     * @param limit its value
     * @param detail both of them, and what exceeds them
     */
    public ResponseTooLargeException(String setting, long limit, String detail) {
        super("response too large: " + detail);
        this.setting = setting;
        this.limit = limit;
    }

    static ResponseTooLargeException announced(long limit, long announced) {
        return onTheWire(limit, "content-length announces " + announced);
    }

    static ResponseTooLargeException received(long limit) {
        return onTheWire(limit, "received more");
    }

    private static ResponseTooLargeException onTheWire(long limit, String response) {
        String setting = "maxResponseSize";
        return new ResponseTooLargeException(setting, limit, setting + " is " + limit + " bytes, " + response);
    }

    /** The name of the limit: {@code maxResponseSize}, {@code maxDecodedSize} or {@code maxDecodedRatio}. */
    public String setting() {
        return setting;
    }

    /** The limit: in bytes, but for {@code maxDecodedRatio}. */
    public long limit() {
        return limit;
    }
}
