package dev.millpond.http.message;

import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The body of a live response: read once, while it arrives. Reading it to its end leaves the connection to others;
 * closing it, or its stream, before the end has arrived closes the connection.
 */
public final class LiveEntity extends ReceivedEntity {

    private static final int UNKNOWN = -1;

    private final LiveBody body;
    private final long length;

    /** The body of {@code response}, of which nothing was read before, described by the fields of its {@code head}. */
    public LiveEntity(LiveResponse response, ClassicHttpResponse head) throws IOException {
        super(head, response.framing());
        response.inputStream().skipNBytes(response.headLength());
        this.body = new LiveBody(response);
        Header announced = head.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
        this.length = response.framing() == Framing.CONTENT_LENGTH && announced != null
                ? Long.parseLong(announced.getValue())
                : UNKNOWN;
    }

    /** Always the same stream. */
    @Override
    public InputStream getContent() {
        return body;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public long getContentLength() {
        return length;
    }

    /** The fields after the last chunk, once the body has been read to its end; null if it is not chunked. */
    @Override
    public @Nullable Supplier<List<? extends Header>> getTrailers() {
        return isChunked() ? body::trailers : null;
    }

    @Override
    public void close() {
        body.close();
    }

    @Override
    public String toString() {
        return "LiveEntity[type: " + getContentType() + ", encoding: " + getContentEncoding() + "]";
    }
}
