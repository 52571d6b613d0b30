package dev.millpond.bridge.detect;

import static dev.millpond.bridge.detect.State.AFTER_CHUNK_SIZE;
import static dev.millpond.bridge.detect.State.AFTER_CONTENT_LENGTH;
import static dev.millpond.bridge.detect.State.AFTER_STATUS_CODE;
import static dev.millpond.bridge.detect.State.AFTER_TRANSFER_ENCODING;
import static dev.millpond.bridge.detect.State.BODY_BYTES;
import static dev.millpond.bridge.detect.State.CHUNK_BYTES;
import static dev.millpond.bridge.detect.State.CHUNK_CR;
import static dev.millpond.bridge.detect.State.CHUNK_EXTENSION;
import static dev.millpond.bridge.detect.State.CHUNK_LF;
import static dev.millpond.bridge.detect.State.CHUNK_SIZE;
import static dev.millpond.bridge.detect.State.COMPLETE;
import static dev.millpond.bridge.detect.State.CONTENT_LENGTH;
import static dev.millpond.bridge.detect.State.EMPTY_LINE;
import static dev.millpond.bridge.detect.State.END_OF_CHUNK_HEADER;
import static dev.millpond.bridge.detect.State.END_OF_FIELDS;
import static dev.millpond.bridge.detect.State.FIELD_NAME;
import static dev.millpond.bridge.detect.State.FIELD_START;
import static dev.millpond.bridge.detect.State.FIELD_VALUE;
import static dev.millpond.bridge.detect.State.FRAMING_NAME;
import static dev.millpond.bridge.detect.State.INTERIM_COMPLETE;
import static dev.millpond.bridge.detect.State.LINE_FEED;
import static dev.millpond.bridge.detect.State.MALFORMED;
import static dev.millpond.bridge.detect.State.REASON_PHRASE;
import static dev.millpond.bridge.detect.State.STATUS_LINE;
import static dev.millpond.bridge.detect.State.TRANSFER_ENCODING;
import static dev.millpond.bridge.detect.State.UNTIL_END_OF_STREAM;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The states of a {@link ResponseDetector}, and all transitions between them: a short method for each state, which
 * returns the next one. Where a field goes on, its methods call one another, so that most lines take one step.
 */
final class StateMachine {

    private static final byte[] VERSION = "HTTP/1.".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "chunked".getBytes(US_ASCII);
    private static final int MINOR_VERSION_AT = VERSION.length;
    private static final int STATUS_CODE_AT = VERSION.length + 2;
    private static final int STATUS_CODE_END = STATUS_CODE_AT + 3;

    private static final byte[] NOT_LOOKED_AT = {};

    private static final boolean[] NAME_BYTES = new boolean[256];

    static {
        for (int b = ' ' + 1; b < 0x7F; b++) {
            NAME_BYTES[b] = b != ':';
        }
    }

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long TOP_BITS = ONES << 7;
    private static final long SEVEN_BYTES = -1L >>> Byte.SIZE;
    private static final long VERSION_BYTES = (long) EIGHT_BYTES.get(Arrays.copyOf(VERSION, Long.BYTES), 0);

    private final Head head;
    private final FieldMatcher fieldName = new FieldMatcher();

    private State state = EMPTY_LINE;
    private State afterLine = EMPTY_LINE;
    private Violation violation = Violation.STATUS_LINE;

    /** Index of the next byte in the array being examined; {@code base + at} is its offset in the message. */
    private int at;

    private long base;

    private int interims;
    private long lineStart;
    private long sectionLimit;
    private int emptyLines;
    private int fields;
    private long fieldAt;
    private boolean framingField;
    private int matched;
    private long number;

    StateMachine(Head head) {
        this.head = head;
    }

    void beginExchange() {
        interims = 0;
    }

    void beginMessage() {
        state = EMPTY_LINE;
        lineStart = 0;
        sectionLimit = DetectorLimits.MAX_HEAD;
        emptyLines = 0;
        fields = 0;
        framingField = false;
        matched = 0;
    }

    State state() {
        return state;
    }

    Violation violation() {
        return violation;
    }

    /**
     * Examines bytes until they end or the message does.
     *
     * @param received bytes of the message before these
     * @return the index of the first byte that was not examined
     */
    int run(byte[] bytes, int offset, int end, long received) {
        base = received - offset;
        at = offset;
        while (at < end && state.examines()) {
            state = state.inLine() ? examineLine(bytes, end) : examineBody(bytes, end);
        }
        return at;
    }

    /**
     * Passes over content of the body, which need not be looked at.
     *
     * @param received bytes of the message before these
     * @return how many of the next {@code count} bytes that are
     */
    int skip(int count, long received) {
        base = received;
        at = 0;
        if (state == BODY_BYTES || state == CHUNK_BYTES || state == UNTIL_END_OF_STREAM) {
            state = examineBody(NOT_LOOKED_AT, count);
        }
        return at;
    }

    /** Examines no further than the limits allow, so that a limit is broken at the same byte however the bytes come. */
    private State examineLine(byte[] bytes, int end) {
        long allowed = Math.min(lineStart + DetectorLimits.MAX_LINE, sectionLimit) - (base + at);
        if (allowed <= 0) {
            return tooLong();
        }
        int stop = (int) Math.min(end, at + allowed);
        byte b = bytes[at];
        return switch (state) {
            case EMPTY_LINE -> emptyLine(b);
            case STATUS_LINE -> statusLine(bytes, stop);
            case AFTER_STATUS_CODE -> afterStatusCode(b);
            case REASON_PHRASE, FIELD_VALUE -> restOfLine(bytes, stop, state);
            case FIELD_START -> fieldStart(bytes, stop);
            case FRAMING_NAME -> framingName(bytes, stop);
            case FIELD_NAME -> fieldName(bytes, stop);
            case CONTENT_LENGTH -> contentLength(bytes, stop);
            case AFTER_CONTENT_LENGTH -> afterFramingValue(b, Violation.CONTENT_LENGTH);
            case TRANSFER_ENCODING -> transferEncoding(b);
            case AFTER_TRANSFER_ENCODING -> afterFramingValue(b, Violation.TRANSFER_ENCODING);
            case LINE_FEED -> lineFeed(b);
            case CHUNK_SIZE -> chunkSize(b);
            case AFTER_CHUNK_SIZE -> afterChunkSize(b);
            default -> chunkExtension(bytes, stop);
        };
    }

    private State examineBody(byte[] bytes, int end) {
        return switch (state) {
            case BODY_BYTES -> skip(end, COMPLETE);
            case CHUNK_BYTES -> skip(end, CHUNK_CR);
            case CHUNK_CR -> bytes[at] == '\r' ? next(CHUNK_LF) : malformed(Violation.CHUNK_END);
            case CHUNK_LF -> bytes[at] == '\n' ? nextChunk() : malformed(Violation.CHUNK_END);
            default -> skipAll(end);
        };
    }

    private State emptyLine(byte b) {
        if (b == '\r' || b == '\n') {
            return emptyLines == DetectorLimits.MAX_EMPTY_LINES
                    ? malformed(Violation.TOO_MANY_EMPTY_LINES)
                    : endLine(b, EMPTY_LINE);
        }
        return STATUS_LINE;
    }

    private State statusLine(byte[] bytes, int stop) {
        if (matched == 0
                && at + Long.BYTES <= stop
                && ((long) EIGHT_BYTES.get(bytes, at) & SEVEN_BYTES) == VERSION_BYTES) {
            at += VERSION.length;
            matched = VERSION.length;
        }
        State next = STATUS_LINE;
        while (at < stop && next == STATUS_LINE) {
            next = statusLine(bytes[at]);
        }
        return next;
    }

    private State statusLine(byte b) {
        boolean expected;
        if (matched < VERSION.length) {
            expected = b == VERSION[matched];
        } else if (matched == MINOR_VERSION_AT) {
            expected = isDigit(b);
            head.minorVersion = b - '0';
        } else if (matched < STATUS_CODE_AT) {
            expected = b == ' ';
        } else {
            // The first digit of a status code is not 0 (RFC 9110, section 15).
            expected = isDigit(b) && !(matched == STATUS_CODE_AT && b == '0');
            head.statusCode = head.statusCode * 10 + b - '0';
        }
        if (!expected) {
            return malformed(Violation.STATUS_LINE);
        }
        matched++;
        return next(matched == STATUS_CODE_END ? AFTER_STATUS_CODE : STATUS_LINE);
    }

    /** The reason phrase, and in practice the space before it, may be missing. */
    private State afterStatusCode(byte b) {
        return b == ' ' || b == '\r' || b == '\n' ? REASON_PHRASE : malformed(Violation.STATUS_LINE);
    }

    /** @param within the state while the line goes on */
    private State restOfLine(byte[] bytes, int stop, State within) {
        int i = at;
        while (i < stop) {
            if (i + Long.BYTES <= stop) {
                long low = below((long) EIGHT_BYTES.get(bytes, i), '\r' + 1);
                if (low == 0) {
                    i += Long.BYTES;
                    continue;
                }
                i += Long.numberOfTrailingZeros(low) >>> 3;
            }
            byte b = bytes[i];
            if (b == '\r' || b == '\n' || b == 0) {
                at = i;
                return b == 0 ? malformed(Violation.NUL) : endLine(bytes, stop, FIELD_START);
            }
            i++;
        }
        at = stop;
        return within;
    }

    /**
     * Of eight bytes, first the lowest, those from 0 to {@code limit} - 1, which is at most 0x7F: the top bit of the
     * first of them is set, and none before.
     */
    private static long below(long eight, int limit) {
        return (eight - ONES * limit) & ~eight & TOP_BITS;
    }

    private State fieldStart(byte[] bytes, int stop) {
        byte b = bytes[at];
        if (b == '\r' || b == '\n') {
            return endLine(b, END_OF_FIELDS);
        }
        if (isBlank(b)) {
            if (framingField) {
                return malformed(Violation.FOLDED_FRAMING);
            }
            // HttpCore joins folded lines, and bounds what comes of it.
            lineStart = fieldAt;
            return fields == 0 ? malformed(Violation.FIELD_NAME) : FIELD_VALUE;
        }
        if (fields == DetectorLimits.MAX_FIELDS) {
            return malformed(Violation.TOO_MANY_FIELDS);
        }
        framingField = false;
        if (!isNameByte(b)) {
            return malformed(Violation.FIELD_NAME);
        }
        fields++;
        fieldAt = lineStart;
        at++;
        boolean mayFrame = fieldName.begin(b) && !head.complete && !endsElsewhere(bytes, stop);
        return mayFrame ? framingName(bytes, stop) : fieldName(bytes, stop);
    }

    /** Whether the name, as far as can be seen yet, has another length than the one it is to be matched with. */
    private boolean endsElsewhere(byte[] bytes, int stop) {
        int colon = at - 1 + fieldName.length();
        return colon < stop && bytes[colon] != ':';
    }

    private State framingName(byte[] bytes, int stop) {
        while (at < stop) {
            byte b = bytes[at];
            if (b == ':') {
                return framingField(bytes, stop);
            }
            if (!fieldName.next(b)) {
                return fieldName(bytes, stop);
            }
            at++;
        }
        return FRAMING_NAME;
    }

    private State framingField(byte[] bytes, int stop) {
        switch (fieldName.field()) {
            case CONTENT_LENGTH -> {
                if (head.contentLength >= 0) {
                    return malformed(Violation.REPEATED_CONTENT_LENGTH);
                }
                framingField = true;
                number = -1;
                at++;
                return contentLength(bytes, stop);
            }
            case TRANSFER_ENCODING -> {
                if (head.chunked) {
                    return malformed(Violation.REPEATED_TRANSFER_ENCODING);
                }
                framingField = true;
                matched = 0;
                return next(TRANSFER_ENCODING);
            }
            default -> {
                at++;
                return restOfLine(bytes, stop, FIELD_VALUE);
            }
        }
    }

    private State fieldName(byte[] bytes, int stop) {
        for (int i = at; i < stop; i++) {
            if (!isNameByte(bytes[i])) {
                at = i;
                if (bytes[i] != ':') {
                    return malformed(Violation.FIELD_NAME);
                }
                at++;
                return restOfLine(bytes, stop, FIELD_VALUE);
            }
        }
        at = stop;
        return FIELD_NAME;
    }

    private State contentLength(byte[] bytes, int stop) {
        State next = CONTENT_LENGTH;
        while (at < stop && next == CONTENT_LENGTH) {
            next = contentLength(bytes[at]);
        }
        return next;
    }

    private State contentLength(byte b) {
        if (isBlank(b)) {
            return next(number < 0 ? CONTENT_LENGTH : AFTER_CONTENT_LENGTH);
        }
        if (!isDigit(b)) {
            return number < 0 ? malformed(Violation.CONTENT_LENGTH) : AFTER_CONTENT_LENGTH;
        }
        int digit = b - '0';
        long high = Math.max(number, 0);
        if (high > (Long.MAX_VALUE - digit) / 10) {
            return malformed(Violation.CONTENT_LENGTH);
        }
        number = high * 10 + digit;
        head.contentLength = number;
        return next(CONTENT_LENGTH);
    }

    private State transferEncoding(byte b) {
        if (isBlank(b) && matched == 0) {
            return next(TRANSFER_ENCODING);
        }
        if (matched == CHUNKED.length) {
            head.chunked = true;
            return AFTER_TRANSFER_ENCODING;
        }
        int lower = b >= 'A' && b <= 'Z' ? b | 0x20 : b;
        if (lower != CHUNKED[matched]) {
            return malformed(Violation.TRANSFER_ENCODING);
        }
        matched++;
        return next(TRANSFER_ENCODING);
    }

    private State afterFramingValue(byte b, Violation otherwise) {
        if (isBlank(b)) {
            return next(state);
        }
        return b == '\r' || b == '\n' ? endLine(b, FIELD_START) : malformed(otherwise);
    }

    private State chunkSize(byte b) {
        int digit = Character.digit(b, 16);
        if (digit < 0) {
            return number < 0 ? malformed(Violation.CHUNK_SIZE) : AFTER_CHUNK_SIZE;
        }
        long high = Math.max(number, 0);
        if (high > Long.MAX_VALUE >> 4) {
            return malformed(Violation.CHUNK_SIZE);
        }
        number = high << 4 | digit;
        return next(CHUNK_SIZE);
    }

    private State afterChunkSize(byte b) {
        if (isBlank(b)) {
            return next(AFTER_CHUNK_SIZE);
        }
        if (b == ';') {
            return next(CHUNK_EXTENSION);
        }
        return b == '\r' || b == '\n' ? endChunkHeader(b) : malformed(Violation.CHUNK_SIZE);
    }

    private State chunkExtension(byte[] bytes, int stop) {
        while (at < stop) {
            byte b = bytes[at];
            if (b == '\r' || b == '\n') {
                return endChunkHeader(b);
            }
            if (b == 0) {
                return malformed(Violation.NUL);
            }
            at++;
        }
        return state;
    }

    private State endChunkHeader(byte b) {
        return b == '\n' ? malformed(Violation.CHUNK_LINE_END) : endLine(b, END_OF_CHUNK_HEADER);
    }

    private State nextChunk() {
        at++;
        lineStart = base + at;
        number = -1;
        return CHUNK_SIZE;
    }

    /** As the other, with the line feed at once if it is there. */
    private State endLine(byte[] bytes, int stop, State next) {
        State after = endLine(bytes[at], next);
        return after == LINE_FEED && at < stop ? lineFeed(bytes[at]) : after;
    }

    /** A line ends with this byte, or with the line feed after it; what follows is {@code next}. */
    private State endLine(byte b, State next) {
        at++;
        if (b == '\r') {
            afterLine = next;
            return LINE_FEED;
        }
        return afterLine(next);
    }

    private State lineFeed(byte b) {
        if (b != '\n') {
            return malformed(Violation.BARE_CR);
        }
        at++;
        return afterLine(afterLine);
    }

    private State afterLine(State next) {
        lineStart = base + at;
        return switch (next) {
            case EMPTY_LINE -> {
                emptyLines++;
                yield EMPTY_LINE;
            }
            case END_OF_FIELDS -> head.complete ? COMPLETE : endHead();
            case END_OF_CHUNK_HEADER -> number == 0 ? beginTrailers() : CHUNK_BYTES;
            default -> next;
        };
    }

    private State endHead() {
        head.end((int) (base + at));
        if (head.interim()) {
            interims++;
            return interims > DetectorLimits.MAX_INTERIM_RESPONSES
                    ? malformed(Violation.TOO_MANY_INTERIM_RESPONSES)
                    : INTERIM_COMPLETE;
        }
        return switch (head.framing()) {
            case NO_BODY -> COMPLETE;
            case CONTENT_LENGTH -> {
                number = head.contentLength;
                yield number == 0 ? COMPLETE : BODY_BYTES;
            }
            case CHUNKED -> {
                sectionLimit = Long.MAX_VALUE;
                number = -1;
                yield CHUNK_SIZE;
            }
            case CLOSE_DELIMITED -> UNTIL_END_OF_STREAM;
        };
    }

    private State beginTrailers() {
        sectionLimit = base + at + DetectorLimits.MAX_TRAILERS;
        fields = 0;
        framingField = false;
        return FIELD_START;
    }

    /** Skips what is left of a body or chunk of known length. */
    private State skip(int end, State next) {
        int count = (int) Math.min(number, end - at);
        at += count;
        number -= count;
        return number == 0 ? next : state;
    }

    private State skipAll(int end) {
        at = end;
        return state;
    }

    private State next(State next) {
        at++;
        return next;
    }

    private State tooLong() {
        if (base + at < sectionLimit) {
            return malformed(Violation.LINE_TOO_LONG);
        }
        return malformed(head.complete ? Violation.TRAILERS_TOO_LONG : Violation.HEAD_TOO_LONG);
    }

    private State malformed(Violation broken) {
        violation = broken;
        return MALFORMED;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Visible ASCII: more than a token (RFC 9110, section 5.6.2), as servers do send more. */
    private static boolean isNameByte(byte b) {
        return NAME_BYTES[b & 0xFF];
    }
}
