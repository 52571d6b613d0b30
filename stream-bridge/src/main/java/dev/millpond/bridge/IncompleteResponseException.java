package dev.millpond.bridge;

import dev.millpond.bridge.detect.Framing;
import dev.millpond.bridge.detect.ResponseDetector;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The connection was closed or broke within a response (RFC 9112, section 8). Not a {@code ConnectionClosedException}:
 * Apache's retry strategy never repeats after that one, and after this one it does.
 */
public final class IncompleteResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long received;
    private final long announced;

    private IncompleteResponseException(String message, long received, long announced, @Nullable Throwable cause) {
        super(message, cause);
        this.received = received;
        this.announced = announced;
    }

    static IncompleteResponseException of(ResponseDetector detector, @Nullable Throwable cause) {
        boolean inBody = detector.headComplete() && !detector.interim();
        return new IncompleteResponseException(
                "response incomplete: " + progress(detector),
                inBody ? detector.received() - detector.headLength() : detector.received(),
                inBody ? announcedBody(detector) : -1,
                cause);
    }

    /** How far a response has come, in words. */
    static String progress(ResponseDetector detector) {
        if (!detector.headComplete() || detector.interim()) {
            return "received " + detector.received() + " bytes of the head";
        }
        long received = detector.received() - detector.headLength();
        return switch (detector.framing()) {
            case CONTENT_LENGTH -> "received " + received + " of " + announcedBody(detector) + " bytes of the body";
            case CHUNKED -> "received " + received + " bytes of a chunked body, without its end";
            case CLOSE_DELIMITED -> "received " + received + " bytes of a close-delimited body, without its end";
            case NO_BODY -> "received " + detector.received() + " bytes of the head";
        };
    }

    /** Bytes of the body as announced by Content-Length; -1 where no length is announced. */
    static long announcedBody(ResponseDetector detector) {
        return detector.framing() == Framing.CONTENT_LENGTH ? detector.announced() - detector.headLength() : -1;
    }

    /** Bytes of the body received, as on the wire; bytes of the head if that was not complete. */
    public long received() {
        return received;
    }

    /** Bytes of the body as announced by Content-Length; -1 where no length is announced. */
    public long announced() {
        return announced;
    }
}
