package dev.millpond.http.message;

import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

/** What the head of a response says of its body. */
abstract class ReceivedEntity implements HttpEntity {

    private final @Nullable Header type;
    private final @Nullable Header encoding;
    private final @Nullable Header trailerNames;
    private final Framing framing;

    ReceivedEntity(ClassicHttpResponse head, Framing framing) {
        this.type = head.getFirstHeader(HttpHeaders.CONTENT_TYPE);
        this.encoding = head.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        this.trailerNames = head.getFirstHeader(HttpHeaders.TRAILER);
        this.framing = framing;
    }

    @Override
    public void writeTo(OutputStream target) throws IOException {
        try (InputStream content = getContent()) {
            content.transferTo(target);
        }
    }

    @Override
    public final boolean isChunked() {
        return framing == Framing.CHUNKED;
    }

    @Override
    public final @Nullable String getContentType() {
        return type == null ? null : type.getValue();
    }

    @Override
    public final @Nullable String getContentEncoding() {
        return encoding == null ? null : encoding.getValue();
    }

    @Override
    public final Set<String> getTrailerNames() {
        return trailerNames == null ? Set.of() : MessageSupport.parseTokens(trailerNames);
    }
}
