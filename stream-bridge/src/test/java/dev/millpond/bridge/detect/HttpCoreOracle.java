package dev.millpond.bridge.detect;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.IdentityInputStream;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.apache.hc.core5.http.message.MessageSupport;

/** Reads a response with HttpCore's own parser and streams, as Apache's client does, and counts what it consumes. */
final class HttpCoreOracle {

    /** What HttpCore made of a message: its status, its bytes on the wire and those of its decoded body. */
    record Reading(int statusCode, long consumed, long bodyLength) {}

    /** HttpCore's defaults, but for the length of a line. */
    private static final Http1Config CONFIG =
            Http1Config.custom().setMaxLineLength(DetectorLimits.MAX_LINE).build();

    private HttpCoreOracle() {}

    static Reading read(String method, byte[] stream, int from) throws IOException, HttpException {
        ByteArrayInputStream source = new ByteArrayInputStream(stream, from, stream.length - from);
        SessionInputBufferImpl buffer = new SessionInputBufferImpl(512);
        ClassicHttpResponse response = new DefaultHttpResponseParserFactory(Http1Config.DEFAULT)
                .create()
                .parse(buffer, source);
        if (response == null) {
            throw new IOException("no response");
        }
        long body = 0;
        boolean tunnel = method.equals("CONNECT") && response.getCode() / 100 == 2;
        if (MessageSupport.canResponseHaveBody(method, response) && !tunnel && response.getCode() >= 200) {
            try (InputStream content =
                    content(buffer, source, DefaultContentLengthStrategy.INSTANCE.determineLength(response))) {
                body = content.transferTo(OutputStream.nullOutputStream());
            }
        }
        int consumed = stream.length - from - source.available() - buffer.length();
        return new Reading(response.getCode(), consumed, body);
    }

    private static InputStream content(SessionInputBufferImpl buffer, InputStream source, long length) {
        if (length == ContentLengthStrategy.CHUNKED) {
            return new ChunkedInputStream(buffer, source, CONFIG);
        }
        return length >= 0
                ? new ContentLengthInputStream(buffer, source, length)
                : new IdentityInputStream(buffer, source);
    }

    /**
     * The invariant of the strict gate: whatever the detector calls complete at n, HttpCore consumes to exactly n, with
     * the same status.
     */
    static void check(String method, byte[] stream) throws IOException, HttpException {
        Observed seen = Observed.whole(method, stream, true);
        int from = 0;
        for (long interim : seen.interims()) {
            expect(read(method, stream, from).consumed(), interim, "interim response");
            from += (int) interim;
        }
        if (seen.verdict() == Verdict.COMPLETE) {
            Reading reading = read(method, stream, from);
            expect(reading.consumed(), seen.at(), "response");
            expect(reading.statusCode(), seen.statusCode(), "status");
        }
    }

    private static void expect(long httpCore, long detector, String what) {
        if (httpCore != detector) {
            throw new AssertionError(what + ": the detector says " + detector + ", HttpCore " + httpCore);
        }
    }
}
