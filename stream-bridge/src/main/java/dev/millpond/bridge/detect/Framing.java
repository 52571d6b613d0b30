package dev.millpond.bridge.detect;

/** How the end of a response's body is marked (RFC 9112, section 6.3). */
public enum Framing {
    /** There is no body: HEAD, 1xx, 204, 304, a 2xx to CONNECT. */
    NO_BODY,
    /** As many bytes as Content-Length says. */
    CONTENT_LENGTH,
    /** Chunks, up to the last one and the trailers. */
    CHUNKED,
    /** Everything up to the end of the stream. */
    CLOSE_DELIMITED;

    /**
     * The framing of a response whose fields are valid, by the rules of RFC 9112, section 6.3, in their order. Rule 4's
     * other codings and rule 5's invalid lengths have been refused before.
     *
     * @param hasLength whether there is a Content-Length
     */
    static Framing of(RequestKind request, int statusCode, boolean chunked, boolean hasLength) {
        if (request == RequestKind.HEAD || statusCode < 200 || statusCode == 204 || statusCode == 304) {
            return NO_BODY;
        }
        if (request == RequestKind.CONNECT && statusCode < 300) {
            return NO_BODY;
        }
        if (chunked) {
            return CHUNKED;
        }
        return hasLength ? CONTENT_LENGTH : CLOSE_DELIMITED;
    }
}
