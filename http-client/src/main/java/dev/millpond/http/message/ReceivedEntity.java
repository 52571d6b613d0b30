package dev.millpond.http.message;

import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Iterator;
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
        Header firstType = null;
        Header firstEncoding = null;
        Header firstTrailer = null;
        // Once through all fields, not once for each of these.
        for (Iterator<Header> fields = head.headerIterator(); fields.hasNext(); ) {
            Header field = fields.next();
            String name = field.getName();
            if (firstType == null && name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)) {
                firstType = field;
            } else if (firstEncoding == null && name.equalsIgnoreCase(HttpHeaders.CONTENT_ENCODING)) {
                firstEncoding = field;
            } else if (firstTrailer == null && name.equalsIgnoreCase(HttpHeaders.TRAILER)) {
                firstTrailer = field;
            }
        }
        this.type = firstType;
        this.encoding = firstEncoding;
        this.trailerNames = firstTrailer;
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
