package dev.millpond.bridge.detect;

/**
 * Finds the end of an HTTP/1.1 response in a stream of bytes.
 *
 * <p>One detector serves one connection, response after response: {@link #expect} starts the next one. It keeps no
 * bytes, allocates nothing while examining, and is not thread-safe.
 */
public final class ResponseDetector {

    /**
     * Starts over, for the response to a request with this method; {@code HEAD} and {@code CONNECT} change the framing.
     */
    public void expect(String method) {
        throw new UnsupportedOperationException(method);
    }

    /**
     * Examines the next bytes of the stream.
     *
     * <p>After {@link Verdict#COMPLETE} for an interim response (1xx other than 101) the next call examines the message
     * that follows it. After any other {@code COMPLETE}, {@code MALFORMED} or {@code TRUNCATED} the next call must be
     * {@link #expect}.
     */
    public Verdict examine(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    /** The stream has ended: {@code COMPLETE} (close-delimited), {@code TRUNCATED}, or {@code MALFORMED}. */
    public Verdict endOfStream() {
        throw new UnsupportedOperationException();
    }

    /**
     * Of the bytes of the last {@link #examine} call, how many belong to the message; the rest is left over if it is
     * complete.
     */
    public int consumed() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the current message so far, head included: when complete, its length on the wire. */
    public long received() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the whole message as announced by Content-Length, head included; -1 if it isn't known (yet). */
    public long announced() {
        throw new UnsupportedOperationException();
    }

    /** Whether the head has been seen whole, so that the methods below have their answers. */
    public boolean headComplete() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the head, up to and including its empty line. */
    public int headLength() {
        throw new UnsupportedOperationException();
    }

    /** The status code, 100 to 599 or what three digits allow. */
    public int statusCode() {
        throw new UnsupportedOperationException();
    }

    public Framing framing() {
        throw new UnsupportedOperationException();
    }

    /** Whether the message is an interim response: 1xx other than 101. */
    public boolean interim() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the framing leaves the connection fit for another exchange: not close-delimited, no upgrade or tunnel,
     * not both Transfer-Encoding and Content-Length, no Transfer-Encoding in HTTP/1.0. Says nothing of the Connection
     * field.
     */
    public boolean reusable() {
        throw new UnsupportedOperationException();
    }

    /** After {@code MALFORMED}: the rule that was broken. */
    public Violation violation() {
        throw new UnsupportedOperationException();
    }
}
