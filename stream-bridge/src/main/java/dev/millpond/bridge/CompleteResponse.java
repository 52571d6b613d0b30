package dev.millpond.bridge;

import dev.millpond.bridge.detect.Framing;
import java.io.InputStream;

/**
 * A response that has arrived whole, head and body as they were on the wire. Immutable and thread-safe; it holds no
 * connection.
 *
 * <p>Forgetting {@link #close()} costs memory of the budget, or a file, until it is garbage.
 */
public final class CompleteResponse implements ReceivedResponse {

    private final StoredBytes bytes;
    private final int headLength;
    private final int statusCode;
    private final Framing framing;
    private final boolean reusable;

    CompleteResponse(StoredBytes bytes, int headLength, int statusCode, Framing framing, boolean reusable) {
        this.bytes = bytes;
        this.headLength = headLength;
        this.statusCode = statusCode;
        this.framing = framing;
        this.reusable = reusable;
    }

    /**
     * The whole response, from its status line on. Each call gives a stream of its own, from the beginning.
     *
     * @throws IllegalStateException if its listener has taken the head, see {@link ResponseListener#takesHead}
     */
    @Override
    public InputStream inputStream() {
        return bytes.inputStream(0);
    }

    /**
     * Copies the head, {@link #headLength()} bytes, to the beginning of {@code target}.
     *
     * @throws IllegalStateException if its listener has taken the head, see {@link ResponseListener#takesHead}
     */
    public void copyHead(byte[] target) {
        bytes.copyTo(target, headLength);
    }

    /** The body as on the wire, still chunked if it was. Each call gives a stream of its own, from the beginning. */
    public InputStream bodyInputStream() {
        return bytes.inputStream(headLength);
    }

    /** Bytes on the wire, head and body. */
    public long size() {
        return bytes.size();
    }

    /** Bytes of body on the wire. */
    public long bodySize() {
        return bytes.size() - headLength;
    }

    @Override
    public int headLength() {
        return headLength;
    }

    @Override
    public int statusCode() {
        return statusCode;
    }

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public boolean reusable() {
        return reusable;
    }

    /** Gives the memory back; streams that are open fail from then on. Idempotent. */
    @Override
    public void close() {
        bytes.close();
    }
}
