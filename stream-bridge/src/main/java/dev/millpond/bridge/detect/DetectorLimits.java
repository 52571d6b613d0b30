package dev.millpond.bridge.detect;

/**
 * What a response may be made of. Bounds on parts that have no body's length to announce them: without these a server
 * could keep a client reading for ever. Generous beside what servers really send.
 */
public final class DetectorLimits {

    /**
     * Bytes of one line of a head, a trailer section or a chunk header, without its line end; folded lines count as
     * one.
     */
    public static final int MAX_LINE = 64 << 10;

    /** Bytes of one head, from its status line to its empty line. */
    public static final int MAX_HEAD = 256 << 10;

    /** Fields in one head, and again in one trailer section. HttpCore's parser refuses the hundredth. */
    public static final int MAX_FIELDS = 99;

    /** Empty lines before a status line (RFC 9112, section 2.2). HttpCore's parser skips nine. */
    public static final int MAX_EMPTY_LINES = 9;

    /** Interim responses before a final one. */
    public static final int MAX_INTERIM_RESPONSES = 100;

    /** Bytes of one trailer section, with its empty line. */
    public static final int MAX_TRAILERS = 64 << 10;

    private DetectorLimits() {}
}
