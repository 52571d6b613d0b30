package dev.millpond.http.message;

import dev.millpond.bridge.ResponseTooLargeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.io.IOFunction;

/** A decoded body, which fails with a {@link ResponseTooLargeException} once it exceeds its limits. */
final class BoundedDecodingStream extends FilterInputStream {

    private final CountingInputStream encoded;
    private final DecodingLimits limits;
    private long count;

    private BoundedDecodingStream(InputStream decoded, CountingInputStream encoded, DecodingLimits limits) {
        super(decoded);
        this.encoded = encoded;
        this.limits = limits;
    }

    /** Decodes {@code encoded} within {@code limits}. */
    static InputStream open(InputStream encoded, IOFunction<InputStream, InputStream> decoder, DecodingLimits limits)
            throws IOException {
        CountingInputStream counting = new CountingInputStream(encoded);
        return new BoundedDecodingStream(decoder.apply(counting), counting, limits);
    }

    @Override
    public int read() throws IOException {
        check();
        int value = in.read();
        if (value >= 0) {
            add(1);
        }
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        check();
        int read = in.read(target, offset, length);
        add(Math.max(0, read));
        return read;
    }

    @Override
    public long skip(long wanted) throws IOException {
        check();
        long skipped = in.skip(wanted);
        add(skipped);
        return skipped;
    }

    private void add(long more) throws IOException {
        count += more;
        check();
    }

    private void check() throws ResponseTooLargeException {
        long maxSize = limits.maxDecodedSize();
        if (count > maxSize) {
            throw new ResponseTooLargeException(
                    "maxDecodedSize", maxSize, "maxDecodedSize is " + maxSize + " bytes, decoded more");
        }
        int maxRatio = limits.maxDecodedRatio();
        if (count > DecodingLimits.RATIO_FLOOR && count / maxRatio > encoded.count()) {
            throw new ResponseTooLargeException(
                    "maxDecodedRatio",
                    maxRatio,
                    "maxDecodedRatio is " + maxRatio + ", " + encoded.count() + " bytes decoded to " + count);
        }
    }
}
