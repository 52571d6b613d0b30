package dev.millpond.bridge.detect;

/** A rule that a malformed response breaks. */
public enum Violation {
    STATUS_LINE("status line: expected HTTP/1.x, a space and three digits (RFC 9112, section 4)"),
    TOO_MANY_EMPTY_LINES("empty lines: expected at most " + DetectorLimits.MAX_EMPTY_LINES + " before a status line"),
    TOO_MANY_INTERIM_RESPONSES(
            "interim responses: expected at most " + DetectorLimits.MAX_INTERIM_RESPONSES + " before a final one"),
    LINE_TOO_LONG("line: expected at most " + DetectorLimits.MAX_LINE + " bytes"),
    HEAD_TOO_LONG("head: expected at most " + DetectorLimits.MAX_HEAD + " bytes"),
    TRAILERS_TOO_LONG("trailers: expected at most " + DetectorLimits.MAX_TRAILERS + " bytes"),
    TOO_MANY_FIELDS("fields: expected at most " + DetectorLimits.MAX_FIELDS),
    BARE_CR("line: expected a line feed after a carriage return (RFC 9112, section 2.2)"),
    NUL("line: expected no NUL"),
    FIELD_NAME("field: expected a name with a colon right after it (RFC 9112, section 5.1)"),
    FOLDED_FRAMING("content-length, transfer-encoding: expected one line (RFC 9112, section 5.2)"),
    CONTENT_LENGTH("content-length: expected one number below 2^63 (RFC 9110, section 8.6)"),
    REPEATED_CONTENT_LENGTH("content-length: expected one field, got another (RFC 9112, section 6.3)"),
    TRANSFER_ENCODING("transfer-encoding: expected chunked and nothing else (RFC 9112, section 6.1)"),
    REPEATED_TRANSFER_ENCODING("transfer-encoding: expected one field, got another (RFC 9112, section 6.1)"),
    CHUNK_SIZE("chunk size: expected hexadecimal digits, below 2^63 (RFC 9112, section 7.1)"),
    CHUNK_LINE_END("chunk header: expected a carriage return and a line feed (RFC 9112, section 7.1)"),
    CHUNK_END("chunk: expected a carriage return and a line feed after its bytes (RFC 9112, section 7.1)");

    private final String rule;

    Violation(String rule) {
        this.rule = rule;
    }

    /** The rule in words: short, lower case, with what was expected. */
    public String rule() {
        return rule;
    }
}
