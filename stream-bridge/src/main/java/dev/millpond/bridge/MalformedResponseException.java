package dev.millpond.bridge;

import dev.millpond.bridge.detect.Violation;
import java.io.IOException;

/** A response breaks a rule of HTTP/1.1 in a way that leaves its end uncertain. */
public final class MalformedResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Violation violation;
    private final long offset;

    MalformedResponseException(Violation violation, long offset) {
        super("malformed response at byte " + offset + ": " + violation.rule());
        this.violation = violation;
        this.offset = offset;
    }

    /** The rule that is broken. */
    public Violation violation() {
        return violation;
    }

    /** Where, counted in bytes from the beginning of the response. */
    public long offset() {
        return offset;
    }
}
