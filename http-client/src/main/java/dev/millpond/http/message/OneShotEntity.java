package dev.millpond.http.message;

import dev.millpond.bridge.CompleteResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * A complete entity as Apache's own entities from the wire are: with one stream, which goes on where it was left each
 * time it is asked for. Code written for those relies on it, such as the caching module, which reads a beginning and
 * joins what comes from a second {@code getContent()} to it. When all is read, the memory is given back.
 */
public final class OneShotEntity extends CompleteEntity {

    private final InputStream bytes = newContent();
    private final EntityInputStream content = new EntityInputStream(bytes, this::release);
    private @Nullable List<? extends Header> trailers;

    public OneShotEntity(CompleteResponse response, ClassicHttpResponse head) {
        super(response, head);
    }

    @Override
    public InputStream getContent() {
        return content;
    }

    @Override
    public void writeTo(OutputStream target) throws IOException {
        try (content) {
            content.transferTo(target);
        }
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public @Nullable Supplier<List<? extends Header>> getTrailers() {
        return isChunked() ? this::trailers : null;
    }

    /** Announced ones are looked for before the memory is gone, where they have not been read. */
    private List<? extends Header> trailers() {
        List<? extends Header> known = trailers;
        if (known == null) {
            Supplier<List<? extends Header>> all = super.getTrailers();
            known = all == null ? List.of() : all.get();
            trailers = known;
        }
        return known;
    }

    @Override
    public void close() {
        content.close();
    }

    private void release() {
        if (trailers == null && bytes instanceof DechunkedInputStream chunked) {
            trailers = getTrailerNames().isEmpty() ? chunked.trailers() : trailers();
        }
        super.close();
    }
}
