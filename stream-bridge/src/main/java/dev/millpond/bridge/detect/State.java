package dev.millpond.bridge.detect;

/** Where a {@link ResponseDetector} is in a response: what the next byte belongs to. */
enum State {
    EMPTY_LINE,
    STATUS_LINE,
    REASON_PHRASE,
    /** The first byte of a line of a head or a trailer section. */
    FIELD_START,
    /** A name that may be one of the two that frame. */
    FRAMING_NAME,
    FIELD_NAME,
    FIELD_VALUE,
    CONTENT_LENGTH,
    AFTER_CONTENT_LENGTH,
    TRANSFER_ENCODING,
    AFTER_TRANSFER_ENCODING,
    /** After a carriage return. */
    LINE_FEED,
    CHUNK_SIZE,
    AFTER_CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_BYTES,
    CHUNK_CR,
    CHUNK_LF,
    BODY_BYTES,
    UNTIL_END_OF_STREAM,

    /** Nothing is examined in these, and in those above something is. */
    INTERIM_COMPLETE,
    COMPLETE,
    MALFORMED,

    /** Never a state to be in: what an empty line or a chunk header leads to, which depends. */
    END_OF_FIELDS,
    END_OF_CHUNK_HEADER;

    boolean examines() {
        return compareTo(INTERIM_COMPLETE) < 0;
    }

    /** Whether it is bounded by the limits on lines and sections, which bodies are not. */
    boolean inLine() {
        return compareTo(CHUNK_BYTES) < 0;
    }
}
