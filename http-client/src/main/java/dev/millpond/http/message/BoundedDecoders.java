package dev.millpond.http.message;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.hc.client5.http.entity.InputStreamFactory;
import org.apache.hc.client5.http.entity.compress.ContentCodecRegistry;
import org.apache.hc.client5.http.entity.compress.ContentCoding;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/** HttpClient's own decoders of content codings, within limits. */
public final class BoundedDecoders {

    private BoundedDecoders() {}

    /**
     * By token, in the order in which HttpClient offers them in {@code Accept-Encoding}: gzip and deflate, others if
     * their libraries are there, x-gzip. What they yield fails with a
     * {@link dev.millpond.bridge.ResponseTooLargeException} beyond the limits, each for its own coding: a body encoded
     * twice is bounded twice.
     */
    public static Map<String, InputStreamFactory> within(DecodingLimits limits) {
        Map<String, InputStreamFactory> decoders = new LinkedHashMap<>();
        for (ContentCoding coding : ContentCoding.values()) {
            UnaryOperator<HttpEntity> decoder = ContentCodecRegistry.decoder(coding);
            if (decoder != null) {
                decoders.put(
                        coding.token(),
                        encoded -> BoundedDecodingStream.open(encoded, in -> decoded(in, decoder), limits));
            }
        }
        InputStreamFactory gzip = decoders.get(ContentCoding.GZIP.token());
        if (gzip != null) {
            decoders.put(ContentCoding.X_GZIP.token(), gzip);
        }
        return decoders;
    }

    private static InputStream decoded(InputStream encoded, UnaryOperator<HttpEntity> decoder) throws IOException {
        return decoder.apply(new InputStreamEntity(encoded, null)).getContent();
    }
}
