package dev.millpond.http.apache;

import dev.millpond.http.message.BoundedDecoders;
import dev.millpond.http.message.DecodingLimits;
import java.util.LinkedHashMap;
import org.apache.hc.client5.http.entity.InputStreamFactory;

/**
 * Decoders that bound what a body may decode to, for HttpClient's own decoding:
 *
 * <pre>{@code
 * HttpClients.custom()
 *     .setConnectionManager(MillpondConnectionManagerBuilder.create().build())
 *     .setContentDecoderRegistry(ContentDecoders.bounded(1L << 30))
 *     .build();
 * }</pre>
 *
 * <p>They decode, and make the client offer, what HttpClient would: gzip, x-gzip and deflate, and brotli, zstd and
 * others where their optional libraries are there. Beyond a limit, reading the entity fails with a
 * {@link dev.millpond.bridge.ResponseTooLargeException} that names the setting and its value. Where several codings
 * were applied to a body, the limits hold for each of them.
 */
@SuppressWarnings("NonApiType") // HttpClientBuilder asks for it
public final class ContentDecoders {

    private ContentDecoders() {}

    /**
     * As {@link #bounded(long, int)}, with at most 200 decoded bytes for each encoded one.
     *
     * @throws IllegalArgumentException if the limit is below 1
     */
    public static LinkedHashMap<String, InputStreamFactory> bounded(long maxDecodedSize) {
        return bounded(maxDecodedSize, DecodingLimits.DEFAULT_RATIO);
    }

    /**
     * Bounds the size and the ratio.
     *
     * @param maxDecodedSize in bytes
     * @param maxDecodedRatio how many decoded bytes each encoded one may yield, counted once a body has decoded to more
     *     than 16 MiB
     * @return the decoders by coding, in the order in which they are offered to servers; a new map at each call
     * @throws IllegalArgumentException if a limit is below 1
     */
    public static LinkedHashMap<String, InputStreamFactory> bounded(long maxDecodedSize, int maxDecodedRatio) {
        return new LinkedHashMap<>(BoundedDecoders.within(new DecodingLimits(maxDecodedSize, maxDecodedRatio)));
    }
}
