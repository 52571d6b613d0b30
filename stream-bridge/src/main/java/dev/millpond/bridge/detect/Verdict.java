package dev.millpond.bridge.detect;

/** What a {@link ResponseDetector} says of the bytes it has seen so far. */
public enum Verdict {
    /** The response goes on: more bytes are needed. */
    NEED_MORE,
    /** The response ends within, or with, the bytes just examined. */
    COMPLETE,
    /** The bytes break a rule; the connection can't be used any further. */
    MALFORMED,
    /** The stream ended within the response. */
    TRUNCATED
}
