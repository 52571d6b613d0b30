package dev.millpond.http.message;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.hc.core5.http.Header;

/** The content of a chunked body that is complete. Closing it does nothing. */
final class DechunkedInputStream extends InputStream {

    private static final int BUFFER = 2 << 10;
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
    private static final byte[] NOTHING = {};

    private final InputStream body;
    private final Dechunker chunks;

    /**
     * @param body as on the wire, of which all is available
     * @param length its length, in bytes
     */
    DechunkedInputStream(InputStream body, long length) {
        this.body = body;
        this.chunks = new Dechunker((int) Math.min(BUFFER, length));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!toContent()) {
            return -1;
        }
        int count = chunks.buffered(target, offset, length);
        return count > 0 ? count : chunks.receive(body, target, offset, length);
    }

    /** False at the end. */
    private boolean toContent() throws IOException {
        while (chunks.left() == 0) {
            if (chunks.receive(body, NOTHING, 0, 0) < 0) {
                return false;
            }
        }
        return true;
    }

    /** At once at its length where there is but one chunk, as mostly. */
    @Override
    public byte[] readAllBytes() throws IOException {
        byte[] all = NOTHING;
        int size = 0;
        while (toContent()) {
            long needed = size + chunks.left();
            if (needed > MAX_ARRAY) {
                throw new OutOfMemoryError("more than an array can hold: " + needed + " bytes");
            }
            if (needed > all.length) {
                // From the second chunk on for all there may be: each might be of a single byte.
                long rest = size == 0 ? 0 : (long) chunks.waiting() + body.available();
                all = Arrays.copyOf(all, (int) Math.min(needed + rest, MAX_ARRAY));
            }
            size += readNBytes(all, size, (int) needed - size);
        }
        return size == all.length ? all : Arrays.copyOf(all, size);
    }

    /** Within this chunk. */
    @Override
    public int available() throws IOException {
        return toContent() ? (int) Math.min(chunks.left(), Integer.MAX_VALUE) : 0;
    }

    /** See {@link Dechunker#trailers}. */
    List<? extends Header> trailers() {
        return chunks.trailers();
    }
}
