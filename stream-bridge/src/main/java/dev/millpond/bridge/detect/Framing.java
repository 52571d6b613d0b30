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
    CLOSE_DELIMITED
}
