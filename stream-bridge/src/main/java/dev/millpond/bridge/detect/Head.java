package dev.millpond.bridge.detect;

/** What the head of a response says of its end. Filled in byte by byte; reused for every message. */
final class Head {

    private RequestKind request = RequestKind.OTHER;
    private Framing framing = Framing.NO_BODY;

    boolean complete;
    int length;
    int statusCode;
    int minorVersion;
    boolean chunked;

    /** Content-Length, or -1. */
    long contentLength;

    void begin(RequestKind kind) {
        request = kind;
        framing = Framing.NO_BODY;
        complete = false;
        length = 0;
        statusCode = 0;
        chunked = false;
        contentLength = -1;
    }

    void end(int headLength) {
        complete = true;
        length = headLength;
        framing = Framing.of(request, statusCode, chunked, contentLength >= 0);
    }

    Framing framing() {
        return framing;
    }

    /** Bytes of the whole message, head included; -1 if they are not announced. A sum beyond 2^63 - 1 is cut there. */
    long announced() {
        return framing == Framing.CONTENT_LENGTH ? Math.min(contentLength, Long.MAX_VALUE - length) + length : -1;
    }

    boolean interim() {
        return complete && statusCode < 200 && statusCode != 101;
    }

    boolean reusable() {
        boolean otherProtocol = statusCode == 101 || (request == RequestKind.CONNECT && statusCode < 300);
        boolean faulty = chunked && (contentLength >= 0 || minorVersion == 0);
        return framing != Framing.CLOSE_DELIMITED && !otherProtocol && !faulty;
    }
}
