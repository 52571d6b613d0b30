package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Recognises, in any case and in any pieces, the names of the two fields that say where a response ends. */
final class FieldMatcher {

    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(US_ASCII);
    private static final byte[] TRANSFER_ENCODING = "transfer-encoding".getBytes(US_ASCII);

    private byte[] candidate = CONTENT_LENGTH;
    private int matched;

    /** Starts over; true if a name that begins like this may be one of the two. */
    boolean begin(byte first) {
        int lower = lower(first);
        if (lower != 'c' && lower != 't') {
            return false;
        }
        candidate = lower == 'c' ? CONTENT_LENGTH : TRANSFER_ENCODING;
        matched = 1;
        return true;
    }

    /** Of the one of the two that it may be. */
    int length() {
        return candidate.length;
    }

    /** Goes on with these bytes; returns the index of the first that is not the name's next, or {@code end}. */
    int match(byte[] bytes, int start, int end) {
        byte[] name = candidate;
        int before = matched - start;
        int stop = Math.min(end, name.length - before);
        int i = start;
        while (i < stop && lower(bytes[i]) == name[before + i]) {
            i++;
        }
        matched = before + i;
        return i;
    }

    boolean complete() {
        return matched == candidate.length;
    }

    boolean isContentLength() {
        return candidate == CONTENT_LENGTH;
    }

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
    }
}
