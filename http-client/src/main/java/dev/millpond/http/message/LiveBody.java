package dev.millpond.http.message;

import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * The body of a live response whose head has been read, without its framing: as a blocking stream, and for readers that
 * don't want to wait. {@link #close()} ends the response, and so does the garbage collector where nobody reads it any
 * more. One reader at a time; close from any thread.
 */
public final class LiveBody extends InputStream {

    private static final int BUFFER = 4 << 10;

    private final LiveResponse response;
    private final @Nullable Dechunker chunks;

    public LiveBody(LiveResponse response) {
        this.response = response;
        this.chunks = response.framing() == Framing.CHUNKED ? new Dechunker(BUFFER) : null;
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
        return read(target, offset, length, true);
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
        while (length > 0) {
            int count = chunks == null ? 0 : chunks.buffered(target, offset, length);
            if (count > 0 || !(wait || response.readable())) {
                return count;
            }
            InputStream in = response.inputStream();
            count = chunks == null ? in.read(target, offset, length) : chunks.receive(in, target, offset, length);
            if (count != 0) {
                return count;
            }
        }
        return 0;
    }

    /** The fields after the last chunk; none before the body has been read to its end. */
    List<? extends Header> trailers() {
        return chunks == null ? List.of() : chunks.trailers();
    }

    @Override
    public void close() {
        response.close();
    }
}
