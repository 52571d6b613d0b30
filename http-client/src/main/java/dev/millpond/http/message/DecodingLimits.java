package dev.millpond.http.message;

/**
 * Bounds on what decoding (RFC 9110, section 8.4) may make of a body.
 *
 * @param maxDecodedSize how many bytes one coding may yield
 * @param maxDecodedRatio how many bytes it may yield for each encoded one, once it has yielded {@link #RATIO_FLOOR}:
 *     little bodies may well be all zeros
 */
public record DecodingLimits(long maxDecodedSize, int maxDecodedRatio) {

    /** In bytes. Bodies decoded to no more are exempt from {@link #maxDecodedRatio}. */
    public static final long RATIO_FLOOR = 16L << 20;

    /** Text and tables stay far below it; deflate can reach 1,032. */
    public static final int DEFAULT_RATIO = 200;

    public static final DecodingLimits DEFAULT = new DecodingLimits(16L << 30, DEFAULT_RATIO);

    /** @throws IllegalArgumentException if a limit is below 1 */
    public DecodingLimits {
        check("maxDecodedSize", maxDecodedSize);
        check("maxDecodedRatio", maxDecodedRatio);
    }

    private static void check(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected 1 or more, got " + value);
        }
    }
}
