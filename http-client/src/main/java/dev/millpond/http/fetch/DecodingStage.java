package dev.millpond.http.fetch;

import dev.millpond.http.message.BoundedDecoders;
import dev.millpond.http.message.DecodingLimits;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.entity.InputStreamFactory;
import org.apache.hc.client5.http.entity.compress.DecompressingEntity;
import org.apache.hc.client5.http.impl.ContentCodingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.message.MessageSupport;

/**
 * Asks for encoded content and decodes it while it is read, with the codecs that Apache's client finds: gzip and
 * deflate, and those for which an optional library is there. The fields of the response stay as they were sent.
 */
final class DecodingStage implements Stage {

    private final Map<String, InputStreamFactory> decoders;
    private final Header acceptEncoding;

    DecodingStage(DecodingLimits limits) {
        decoders = BoundedDecoders.within(limits);
        acceptEncoding = MessageSupport.headerOfTokens(HttpHeaders.ACCEPT_ENCODING, List.copyOf(decoders.keySet()));
    }

    @Override
    public void prepare(Call<?> call, ClassicHttpRequest request) {
        if (call.config.isContentCompressionEnabled() && !request.containsHeader(HttpHeaders.ACCEPT_ENCODING)) {
            request.addHeader(acceptEncoding);
        }
    }

    @Override
    public boolean sendsAgain(Call<?> call, ClassicHttpResponse response) throws HttpException {
        HttpEntity entity = response.getEntity();
        if (entity.getContentEncoding() != null
                && entity.getContentLength() != 0
                && call.config.isContentCompressionEnabled()) {
            response.setEntity(decoded(entity));
        }
        return false;
    }

    private HttpEntity decoded(HttpEntity encoded) throws HttpException {
        List<String> codings = ContentCodingSupport.parseContentCodecs(encoded);
        ContentCodingSupport.validate(codings, ContentCodingSupport.MAX_CODEC_LIST_LEN);
        HttpEntity entity = encoded;
        for (int i = codings.size() - 1; i >= 0; i--) {
            InputStreamFactory decoder = decoders.get(codings.get(i));
            if (decoder == null) {
                throw new HttpException("Unsupported Content-Encoding: " + codings.get(i));
            }
            entity = new DecompressingEntity(entity, decoder::create);
        }
        return entity;
    }
}
