package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Recognises, byte by byte and in any case, the names of the two fields that say where a response ends. */
final class FieldMatcher {

    enum Field {
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        OTHER
    }

    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(US_ASCII);
    private static final byte[] TRANSFER_ENCODING = "transfer-encoding".getBytes(US_ASCII);
    private static final byte[] NONE = {};

    private byte[] candidate = NONE;
    private int matched;

    /** Starts over; true if a name that begins like this may be one of the two. */
    boolean begin(byte first) {
        int lower = first | 0x20;
        candidate = lower == 'c' ? CONTENT_LENGTH : lower == 't' ? TRANSFER_ENCODING : NONE;
        matched = 1;
        return candidate != NONE;
    }

    /** Of the one of the two that it may be. */
    int length() {
        return candidate.length;
    }

    /** True while the name may still be one of the two. */
    boolean next(byte b) {
        // No byte of the names but letters and the hyphen: only letters may differ by bit 5.
        int lower = b >= 'A' && b <= 'Z' ? b | 0x20 : b;
        return matched < candidate.length && candidate[matched++] == lower;
    }

    /** The field, where {@link #next} has been true up to the colon. */
    Field field() {
        if (matched < candidate.length) {
            return Field.OTHER;
        }
        return candidate == CONTENT_LENGTH ? Field.CONTENT_LENGTH : Field.TRANSFER_ENCODING;
    }
}
