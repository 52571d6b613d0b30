package dev.millpond.http.message;

import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.detect.DetectorLimits;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.apache.hc.core5.http.io.HttpMessageParser;

/**
 * Apache's own parser over complete responses. Kept with a connection, as its buffers are worth reusing; not
 * thread-safe, and of no more use once it has thrown.
 */
public final class ResponseParser {

    /**
     * HttpCore's defaults, but for the length of a line: the detector has bounded that, at more than HttpCore's 8 KiB.
     */
    static final Http1Config CONFIG =
            Http1Config.custom().setMaxLineLength(DetectorLimits.MAX_LINE).build();

    private static final int BUFFER = 2048;

    private final SessionInputBufferImpl buffer = new SessionInputBufferImpl(BUFFER);
    private final HttpMessageParser<ClassicHttpResponse> parser = new DefaultHttpResponseParserFactory(CONFIG).create();

    /** The message, with a {@link CompleteEntity}, also where the body is empty or there is none. */
    public ClassicHttpResponse parse(CompleteResponse response) throws IOException, HttpException {
        buffer.clear();
        try (InputStream head = response.inputStream()) {
            ClassicHttpResponse message = parser.parse(buffer, head);
            if (message == null) {
                throw new NoHttpResponseException("response without a status line");
            }
            message.setEntity(new CompleteEntity(response, message));
            return message;
        }
    }
}
