package dev.millpond.bridge.detect;

/** Requests, as far as they change the framing of their responses. */
enum RequestKind {
    HEAD,
    CONNECT,
    OTHER;

    /** Methods are case-sensitive (RFC 9110, section 9.1). */
    static RequestKind of(String method) {
        return switch (method) {
            case "HEAD" -> HEAD;
            case "CONNECT" -> CONNECT;
            default -> OTHER;
        };
    }
}
