package dev.millpond.bridge.detect;

import static dev.millpond.bridge.detect.State.AFTER_CHUNK_SIZE;
import static dev.millpond.bridge.detect.State.AFTER_CONTENT_LENGTH;
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

/**
 * The states of a {@link ResponseDetector}, and all transitions between them: a short method for each state, which
 * examines what it can and returns the next one. Within a line they call one another, so that most lines take one step.
 */
final class StateMachine {

    /** Up to the status code's end, with 0 for a digit. */
    private static final byte[] STATUS_LINE_START = "HTTP/1.0 000".getBytes(US_ASCII);

    private static final int MINOR_VERSION_AT = 7;
    private static final int STATUS_CODE_AT = 9;

    private static final byte[] CHUNKED = "chunked".getBytes(US_ASCII);

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
        State next = state;
        while (at < end && next.examines()) {
            next = next.inLine() ? examineLine(next, bytes, end) : examineBody(next, bytes, end);
        }
        state = next;
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
            state = examineBody(state, NOT_LOOKED_AT, count);
        }
        return at;
    }

    private State examineLine(State within, byte[] bytes, int end) {
        if (within == FIELD_START) {
            return fields(bytes, end);
        }
        int stop = stop(end);
        if (at >= stop) {
            return tooLong();
        }
        return switch (within) {
            case EMPTY_LINE -> emptyLine(bytes, stop);
            case STATUS_LINE -> statusLine(bytes, stop);
            case REASON_PHRASE, FIELD_VALUE, CHUNK_EXTENSION -> restOfLine(bytes, stop, within);
            case FRAMING_NAME -> framingName(bytes, stop);
            case FIELD_NAME -> fieldName(bytes, stop);
            case CONTENT_LENGTH -> contentLength(bytes, stop);
            case TRANSFER_ENCODING -> transferEncoding(bytes, stop);
            case AFTER_CONTENT_LENGTH, AFTER_TRANSFER_ENCODING -> afterFramingValue(bytes, stop, within);
            case LINE_FEED -> lineFeed(bytes, afterLine);
            case CHUNK_SIZE -> chunkSize(bytes, stop);
            default -> afterChunkSize(bytes, stop);
        };
    }

    /** Where the limits allow no more, so that a limit is broken at the same byte however the bytes come. */
    private int stop(int end) {
        long allowed = Math.min(lineStart + DetectorLimits.MAX_LINE, sectionLimit);
        return (int) Math.min(end, allowed - base);
    }

    private State examineBody(State within, byte[] bytes, int end) {
        return switch (within) {
            case BODY_BYTES -> skip(end) ? COMPLETE : BODY_BYTES;
            case CHUNK_BYTES -> skip(end) ? CHUNK_CR : CHUNK_BYTES;
            case CHUNK_CR -> chunkCr(bytes, end);
            case CHUNK_LF -> chunkLf(bytes);
            default -> {
                at = end;
                yield UNTIL_END_OF_STREAM;
            }
        };
    }

    private State emptyLine(byte[] bytes, int stop) {
        if (!isLineEnd(bytes[at])) {
            return statusLine(bytes, stop);
        }
        if (emptyLines == DetectorLimits.MAX_EMPTY_LINES) {
            return malformed(Violation.TOO_MANY_EMPTY_LINES);
        }
        emptyLines++;
        return endLine(bytes, stop, EMPTY_LINE);
    }

    private State statusLine(byte[] bytes, int stop) {
        int lineAt = (int) (lineStart - base);
        // One bound for the loop: of two C2 would check one ahead, in vain, and compile all this is inlined into again.
        int codeEnd = lineAt + STATUS_LINE_START.length;
        int end = Math.min(stop, codeEnd);
        int i = at;
        while (i < end && isExpected(bytes[i], i - lineAt)) {
            i++;
        }
        at = i;
        if (i == stop) {
            return STATUS_LINE;
        }
        return i == codeEnd ? afterStatusCode(bytes, stop) : malformed(Violation.STATUS_LINE);
    }

    private boolean isExpected(byte b, int place) {
        byte expected = STATUS_LINE_START[place];
        if (expected != '0') {
            return b == expected;
        }
        if (place == MINOR_VERSION_AT) {
            head.minorVersion = b - '0';
        } else {
            head.statusCode = head.statusCode * 10 + b - '0';
        }
        // The first digit of a status code is not 0 (RFC 9110, section 15).
        return isDigit(b) && !(place == STATUS_CODE_AT && b == '0');
    }

    /** The reason phrase, and in practice the space before it, may be missing. */
    private State afterStatusCode(byte[] bytes, int stop) {
        byte b = bytes[at];
        return b == ' ' || isLineEnd(b) ? restOfLine(bytes, stop, REASON_PHRASE) : malformed(Violation.STATUS_LINE);
    }

    /** @param within the state while the line goes on */
    private State restOfLine(byte[] bytes, int stop, State within) {
        at = endOfText(bytes, at, stop);
        if (at == stop) {
            return within;
        }
        if (bytes[at] == 0) {
            return malformed(Violation.NUL);
        }
        return within == CHUNK_EXTENSION ? endChunkHeader(bytes, stop) : endLine(bytes, stop, FIELD_START);
    }

    /** The index of the next line end or NUL, or {@code stop}. */
    private static int endOfText(byte[] bytes, int start, int stop) {
        int i = start;
        while (i < stop) {
            if (i + Long.BYTES <= stop) {
                long low = upToCr((long) EIGHT_BYTES.get(bytes, i));
                if (low == 0) {
                    i += Long.BYTES;
                    continue;
                }
                i += Long.numberOfTrailingZeros(low) >>> 3;
            }
            if (isLineEnd(bytes[i]) || bytes[i] == 0) {
                return i;
            }
            i++;
        }
        return stop;
    }

    /**
     * Of eight bytes, first the lowest, those from 0 to CR: the top bit of the first of them is set, and none before.
     */
    private static long upToCr(long eight) {
        return (eight - ONES * ('\r' + 1)) & ~eight & TOP_BITS;
    }

    /** In a loop of its own, which is compiled better than the one through all states. */
    private State fields(byte[] bytes, int end) {
        State next = FIELD_START;
        while (next == FIELD_START && at < end) {
            int stop = stop(end);
            next = at < stop ? fieldStart(bytes, stop) : tooLong();
        }
        return next;
    }

    private State fieldStart(byte[] bytes, int stop) {
        byte b = bytes[at];
        if (isNameByte(b)) {
            return fields == DetectorLimits.MAX_FIELDS ? malformed(Violation.TOO_MANY_FIELDS) : field(bytes, stop);
        }
        if (isLineEnd(b)) {
            return endLine(bytes, stop, END_OF_FIELDS);
        }
        return isBlank(b) && fields > 0 ? folded() : malformed(Violation.FIELD_NAME);
    }

    private State folded() {
        if (framingField) {
            return malformed(Violation.FOLDED_FRAMING);
        }
        // HttpCore joins folded lines, and bounds what comes of it.
        lineStart = fieldAt;
        return FIELD_VALUE;
    }

    private State field(byte[] bytes, int stop) {
        framingField = false;
        fields++;
        fieldAt = lineStart;
        byte b = bytes[at++];
        boolean mayFrame = fieldName.begin(b) && !head.complete && !endsElsewhere(bytes, stop);
        return mayFrame ? framingName(bytes, stop) : fieldName(bytes, stop);
    }

    /** Whether the name, as far as can be seen yet, has another length than the one it is to be matched with. */
    private boolean endsElsewhere(byte[] bytes, int stop) {
        int colon = at - 1 + fieldName.length();
        return colon < stop && bytes[colon] != ':';
    }

    private State framingName(byte[] bytes, int stop) {
        at = fieldName.match(bytes, at, stop);
        if (at == stop) {
            return FRAMING_NAME;
        }
        if (bytes[at] != ':' || !fieldName.complete()) {
            return fieldName(bytes, stop);
        }
        return fieldName.isContentLength() ? beginContentLength(bytes, stop) : beginTransferEncoding(bytes, stop);
    }

    private State beginContentLength(byte[] bytes, int stop) {
        if (head.contentLength >= 0) {
            return malformed(Violation.REPEATED_CONTENT_LENGTH);
        }
        framingField = true;
        at++;
        return contentLength(bytes, stop);
    }

    private State beginTransferEncoding(byte[] bytes, int stop) {
        if (head.chunked) {
            return malformed(Violation.REPEATED_TRANSFER_ENCODING);
        }
        framingField = true;
        matched = 0;
        at++;
        return transferEncoding(bytes, stop);
    }

    private State fieldName(byte[] bytes, int stop) {
        int i = at;
        while (i < stop && isNameByte(bytes[i])) {
            i++;
        }
        at = i;
        if (i == stop) {
            return FIELD_NAME;
        }
        if (bytes[i] != ':') {
            return malformed(Violation.FIELD_NAME);
        }
        at++;
        return restOfLine(bytes, stop, FIELD_VALUE);
    }

    private State contentLength(byte[] bytes, int stop) {
        while (at < stop) {
            byte b = bytes[at];
            if (isDigit(b)) {
                head.contentLength = append(head.contentLength, 10, b - '0');
                if (head.contentLength < 0) {
                    return malformed(Violation.CONTENT_LENGTH);
                }
            } else if (head.contentLength >= 0) {
                return afterFramingValue(bytes, stop, AFTER_CONTENT_LENGTH);
            } else if (!isBlank(b)) {
                return malformed(Violation.CONTENT_LENGTH);
            }
            at++;
        }
        return CONTENT_LENGTH;
    }

    private State transferEncoding(byte[] bytes, int stop) {
        while (at < stop) {
            byte b = bytes[at];
            if (matched == CHUNKED.length) {
                head.chunked = true;
                return afterFramingValue(bytes, stop, AFTER_TRANSFER_ENCODING);
            }
            if (FieldMatcher.lower(b) == CHUNKED[matched]) {
                matched++;
            } else if (matched > 0 || !isBlank(b)) {
                return malformed(Violation.TRANSFER_ENCODING);
            }
            at++;
        }
        return TRANSFER_ENCODING;
    }

    private State afterFramingValue(byte[] bytes, int stop, State within) {
        while (at < stop && isBlank(bytes[at])) {
            at++;
        }
        if (at == stop) {
            return within;
        }
        if (!isLineEnd(bytes[at])) {
            return malformed(within == AFTER_CONTENT_LENGTH ? Violation.CONTENT_LENGTH : Violation.TRANSFER_ENCODING);
        }
        return endLine(bytes, stop, FIELD_START);
    }

    private State chunkSize(byte[] bytes, int stop) {
        while (at < stop) {
            int digit = Character.digit(bytes[at], 16);
            if (digit < 0) {
                return number < 0 ? malformed(Violation.CHUNK_SIZE) : afterChunkSize(bytes, stop);
            }
            number = append(number, 16, digit);
            if (number < 0) {
                return malformed(Violation.CHUNK_SIZE);
            }
            at++;
        }
        return CHUNK_SIZE;
    }

    private State afterChunkSize(byte[] bytes, int stop) {
        while (at < stop && isBlank(bytes[at])) {
            at++;
        }
        if (at == stop) {
            return AFTER_CHUNK_SIZE;
        }
        if (bytes[at] == ';') {
            return restOfLine(bytes, stop, CHUNK_EXTENSION);
        }
        return isLineEnd(bytes[at]) ? endChunkHeader(bytes, stop) : malformed(Violation.CHUNK_SIZE);
    }

    private State endChunkHeader(byte[] bytes, int stop) {
        return bytes[at] == '\n' ? malformed(Violation.CHUNK_LINE_END) : endLine(bytes, stop, END_OF_CHUNK_HEADER);
    }

    private State chunkCr(byte[] bytes, int end) {
        if (bytes[at] != '\r') {
            return malformed(Violation.CHUNK_END);
        }
        at++;
        return at < end ? chunkLf(bytes) : CHUNK_LF;
    }

    private State chunkLf(byte[] bytes) {
        if (bytes[at] != '\n') {
            return malformed(Violation.CHUNK_END);
        }
        at++;
        lineStart = base + at;
        number = -1;
        return CHUNK_SIZE;
    }

    /** A line ends with this byte, or with the line feed after it; what follows is {@code next}. */
    private State endLine(byte[] bytes, int stop, State next) {
        byte b = bytes[at++];
        if (b == '\n') {
            return afterLine(next);
        }
        if (at < stop) {
            return lineFeed(bytes, next);
        }
        afterLine = next;
        return LINE_FEED;
    }

    private State lineFeed(byte[] bytes, State next) {
        if (bytes[at] != '\n') {
            return malformed(Violation.BARE_CR);
        }
        at++;
        return afterLine(next);
    }

    private State afterLine(State next) {
        lineStart = base + at;
        if (next == END_OF_FIELDS) {
            return head.complete ? COMPLETE : endHead();
        }
        if (next == END_OF_CHUNK_HEADER) {
            return number == 0 ? beginTrailers() : CHUNK_BYTES;
        }
        return next;
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

    /** Skips a body or chunk of known length; false if more of it is to come. */
    private boolean skip(int end) {
        int count = (int) Math.min(number, end - at);
        at += count;
        number -= count;
        return number == 0;
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

    /** The number with one more digit; -1 if that is more than 2^63 - 1. A number of no digits is -1, too. */
    private static long append(long number, int radix, int digit) {
        long high = Math.max(number, 0);
        return high > (Long.MAX_VALUE - digit) / radix ? -1 : high * radix + digit;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isLineEnd(byte b) {
        return b == '\r' || b == '\n';
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Visible ASCII: more than a token (RFC 9110, section 5.6.2), as servers do send more. */
    private static boolean isNameByte(byte b) {
        return NAME_BYTES[b & 0xFF];
    }
}
