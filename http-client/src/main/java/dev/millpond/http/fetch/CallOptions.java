package dev.millpond.http.fetch;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What one call has of its own.
 *
 * @param context null for a new one
 * @param deadline null for the client's
 * @param onInterim null to ignore interim responses
 */
public record CallOptions(
        @Nullable HttpClientContext context,
        @Nullable Duration deadline,
        @Nullable Consumer<? super HttpResponse> onInterim) {

    public static final CallOptions NONE = new CallOptions(null, null, null);
}
