package dev.millpond.http.message;

import dev.millpond.bridge.CompleteResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.io.Closer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a complete response: all of it is here, so it is repeatable and not streaming, and reading it never
 * waits.
 *
 * <p>Type, encoding, length and trailers are those of the message: the length is -1 where none is announced, and 0
 * where there is no body.
 */
public class CompleteEntity extends ReceivedEntity {

    private final CompleteResponse response;

    /** The body of {@code response}, described by the fields of its {@code head}. */
    public CompleteEntity(CompleteResponse response, ClassicHttpResponse head) {
        super(head, response.framing());
        this.response = response;
    }

    @Override
    public InputStream getContent() {
        return new EntityInputStream(newContent(), () -> {});
    }

    final InputStream newContent() {
        return isChunked() ? dechunked() : response.bodyInputStream();
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public boolean isStreaming() {
        return false;
    }

    @Override
    public long getContentLength() {
        return switch (response.framing()) {
            case CHUNKED, CLOSE_DELIMITED -> -1;
            case CONTENT_LENGTH, NO_BODY -> response.bodySize();
        };
    }

    /** The fields after the last chunk; null if the body is not chunked. They are here as soon as the entity is. */
    @Override
    public @Nullable Supplier<List<? extends Header>> getTrailers() {
        return isChunked() ? this::readTrailers : null;
    }

    private List<? extends Header> readTrailers() {
        try (DechunkedInputStream content = dechunked()) {
            content.transferTo(OutputStream.nullOutputStream());
            return content.trailers();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DechunkedInputStream dechunked() {
        return new DechunkedInputStream(response.bodyInputStream(), response.bodySize());
    }

    /** Gives the memory of the whole response back. */
    @Override
    public void close() {
        Closer.closeQuietly(response);
    }

    @Override
    public String toString() {
        return "CompleteEntity[type: " + getContentType() + ", encoding: " + getContentEncoding() + ", framing: "
                + response.framing() + ", bytes on the wire: " + response.bodySize() + "]";
    }
}
