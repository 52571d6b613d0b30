package dev.millpond.http.apache;

import dev.millpond.http.message.ResponseParser;
import java.util.Locale;
import java.util.function.Predicate;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;

/** Decides by its head whether a response is exposed while it arrives. */
final class StreamedResponses implements Predicate<byte[]> {

    private final Predicate<HttpResponse> chosen;

    StreamedResponses(Predicate<HttpResponse> chosen) {
        this.chosen = chosen;
    }

    /** Those that never end by design: server-sent events, and pictures that replace each other. */
    static boolean endless(HttpResponse response) {
        Header type = response.getFirstHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || type.getValue() == null) {
            return false;
        }
        String value = type.getValue().trim().toLowerCase(Locale.ROOT);
        return value.startsWith("text/event-stream") || value.startsWith("multipart/x-mixed-replace");
    }

    @Override
    public boolean test(byte[] head) {
        try {
            return chosen.test(ResponseParser.parse(head, head.length));
        } catch (HttpException e) {
            // Then it's for the caller to find out, with a complete response or without.
            return false;
        }
    }
}
