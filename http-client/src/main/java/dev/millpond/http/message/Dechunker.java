package dev.millpond.http.message;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.AbstractMessageParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;

/**
 * Takes the framing off a chunked body (RFC 9112, section 7.1). A detector has examined that already, and refuses what
 * isn't right, so here it is only skipped; trailers are kept. For one thread at a time.
 */
final class Dechunker {

    private enum Part {
        SIZE,
        EXTENSION,
        CONTENT,
        AFTER_CONTENT,
        TRAILERS
    }

    /** Trailers of no field are their empty line. */
    private static final int EMPTY_LINE = 2;

    private static final int TRAILER_BUFFER = 1 << 10;

    /** As framing is looked through; content goes past it as far as it can. */
    private final byte[] buffer;

    private int position;
    private int limit;
    private Part part = Part.SIZE;

    /** Content in this chunk. */
    private long left;

    private final ByteArrayOutputStream trailers = new ByteArrayOutputStream(0);
    private volatile boolean ended;

    /** @param length of the buffer, in bytes */
    Dechunker(int length) {
        buffer = new byte[length];
    }

    /** Goes past framing that has been received, and says what is left of this chunk; 0 within the framing. */
    long left() {
        while (position < limit && part != Part.CONTENT) {
            if (part == Part.TRAILERS) {
                trailers.write(buffer[position]);
            }
            part = next(buffer[position++]);
        }
        return part == Part.CONTENT ? left : 0;
    }

    /** Bytes that have been received and not looked at, framing and content. */
    int waiting() {
        return limit - position;
    }

    /** Content that has been received already: how much, or 0 where there is none. */
    int buffered(byte[] target, int offset, int length) {
        int count = (int) Math.min(Math.min(length, left()), limit - position);
        if (count > 0) {
            System.arraycopy(buffer, position, target, offset, count);
            position += count;
            content(count);
        }
        return count;
    }

    /**
     * Reads once, where nothing is buffered.
     *
     * @return how much content came, 0 if some may be buffered now, or -1 at the end of the body
     */
    int receive(InputStream from, byte[] target, int offset, int length) throws IOException {
        boolean content = part == Part.CONTENT;
        int count =
                content ? from.read(target, offset, (int) Math.min(length, left)) : from.read(buffer, 0, buffer.length);
        if (count < 0) {
            ended = true;
        } else if (content) {
            content(count);
        } else {
            position = 0;
            limit = count;
            return 0;
        }
        return count;
    }

    private void content(int count) {
        left -= count;
        if (left == 0) {
            part = Part.AFTER_CONTENT;
        }
    }

    private Part next(byte octet) {
        boolean lineEnd = octet == '\n';
        return switch (part) {
            case SIZE, EXTENSION -> {
                if (lineEnd) {
                    yield left == 0 ? Part.TRAILERS : Part.CONTENT;
                }
                int digit = part == Part.SIZE ? Character.digit(octet, 16) : -1;
                if (digit < 0) {
                    yield Part.EXTENSION;
                }
                left = left * 16 + digit;
                yield Part.SIZE;
            }
            case AFTER_CONTENT -> lineEnd ? Part.SIZE : Part.AFTER_CONTENT;
            case CONTENT, TRAILERS -> part;
        };
    }

    /** The fields after the last chunk; none before the body has been read to its end. */
    List<? extends Header> trailers() {
        if (!ended || trailers.size() <= EMPTY_LINE) {
            return List.of();
        }
        try {
            return List.of(AbstractMessageParser.parseHeaders(
                    new SessionInputBufferImpl(TRAILER_BUFFER),
                    new ByteArrayInputStream(trailers.toByteArray()),
                    ResponseParser.CONFIG.getMaxHeaderCount(),
                    ResponseParser.CONFIG.getMaxLineLength(),
                    null));
        } catch (HttpException | IOException e) {
            throw new IllegalStateException("trailers: expected what the detector has let pass", e);
        }
    }
}
