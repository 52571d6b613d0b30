package dev.millpond.http.message;

import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.detect.Framing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.AbstractMessageParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;

/**
 * The body of a live response whose head has been read, without its framing: as a blocking stream, and for readers that
 * don't want to wait. The response's detector has examined the framing already, and refuses what isn't right, so here
 * it is only skipped; trailers are kept. {@link #close()} ends the response, and so does the garbage collector where
 * nobody reads it any more. One reader at a time; close from any thread.
 */
public final class LiveBody extends InputStream {

    private enum Part {
        SIZE,
        EXTENSION,
        CONTENT,
        AFTER_CONTENT,
        TRAILERS
    }

    private static final int BUFFER = 4 << 10;

    private final LiveResponse response;
    private final boolean chunked;

    /** Of chunks, as framing is looked through; content goes past it as far as it can. */
    private final byte[] buffer;

    private int position;
    private int limit;
    private Part part;

    /** Content in this chunk, or as much as there is. */
    private long left;

    private final ByteArrayOutputStream trailers = new ByteArrayOutputStream(0);
    private volatile boolean ended;

    public LiveBody(LiveResponse response) {
        this.response = response;
        this.chunked = response.framing() == Framing.CHUNKED;
        this.buffer = new byte[chunked ? BUFFER : 0];
        this.part = chunked ? Part.SIZE : Part.CONTENT;
        this.left = chunked ? 0 : Long.MAX_VALUE;
        response.closeAfter(this);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : read(target, offset, length, true);
    }

    /** What is here now, without waiting: how many bytes, 0 if none are here yet, or -1 at the end. */
    public int readNow(byte[] target) throws IOException {
        return read(target, 0, target.length, false);
    }

    /** See {@link LiveResponse#onReadable}; there may be nothing but framing, and then a read gets 0 bytes. */
    public void onReadable(Runnable task) {
        response.onReadable(task);
    }

    private int read(byte[] target, int offset, int length, boolean wait) throws IOException {
        while (true) {
            int count = buffered(target, offset, length);
            if (count > 0) {
                return count;
            }
            if (!wait && !response.readable()) {
                return 0;
            }
            if (part == Part.CONTENT) {
                count = received(target, offset, (int) Math.min(length, left));
                content(Math.max(0, count));
                return count;
            }
            position = 0;
            limit = Math.max(0, received(buffer, 0, BUFFER));
            if (limit == 0) {
                return -1;
            }
        }
    }

    /** Content out of the buffer; 0 when that is empty. */
    private int buffered(byte[] target, int offset, int length) {
        while (position < limit) {
            if (part == Part.CONTENT) {
                int count = (int) Math.min(Math.min(length, left), limit - position);
                System.arraycopy(buffer, position, target, offset, count);
                position += count;
                content(count);
                return count;
            }
            if (part == Part.TRAILERS) {
                trailers.write(buffer[position]);
            }
            part = next(buffer[position++]);
        }
        return 0;
    }

    private void content(int count) {
        left -= count;
        if (left == 0) {
            part = Part.AFTER_CONTENT;
        }
    }

    private int received(byte[] target, int offset, int length) throws IOException {
        int count = response.inputStream().read(target, offset, length);
        if (count < 0) {
            ended = true;
        }
        return count;
    }

    /** RFC 9112, section 7.1. */
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
        if (!ended || !chunked) {
            return List.of();
        }
        try {
            return List.of(AbstractMessageParser.parseHeaders(
                    new SessionInputBufferImpl(BUFFER),
                    new ByteArrayInputStream(trailers.toByteArray()),
                    ResponseParser.CONFIG.getMaxHeaderCount(),
                    ResponseParser.CONFIG.getMaxLineLength(),
                    null));
        } catch (HttpException | IOException e) {
            throw new IllegalStateException("trailers: expected what the detector has let pass", e);
        }
    }

    @Override
    public void close() {
        response.close();
    }
}
