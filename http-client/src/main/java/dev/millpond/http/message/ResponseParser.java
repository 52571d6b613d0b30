package dev.millpond.http.message;

import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.detect.DetectorLimits;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.jspecify.annotations.Nullable;

/** Makes messages of responses. For HttpCore, one is kept with a connection, as its buffer is worth reusing. */
public final class ResponseParser implements HttpMessageParser<ClassicHttpResponse> {

    /**
     * HttpCore's defaults, but for the length of a line: the detector has bounded that, at more than HttpCore's 8 KiB.
     */
    public static final Http1Config CONFIG =
            Http1Config.custom().setMaxLineLength(DetectorLimits.MAX_LINE).build();

    private static final int TYPICAL_HEAD = 512;

    private final byte[] head = new byte[TYPICAL_HEAD];

    /** The message, with a {@link CompleteEntity}, also where the body is empty or there is none. */
    public static ClassicHttpResponse parse(CompleteResponse response) throws HttpException {
        byte[] head = new byte[response.headLength()];
        response.copyHead(head);
        ClassicHttpResponse message = parse(head, head.length);
        message.setEntity(new CompleteEntity(response, message));
        return message;
    }

    /** The message, without an entity, whose head is what {@code bytes} begin with. */
    public static ClassicHttpResponse parse(byte[] bytes, int length) throws HttpException {
        return HeadParser.parse(bytes, length);
    }

    /**
     * The message, without an entity, whose head is what {@code in} has available.
     *
     * @param buffer not used: nothing is read beyond the head
     */
    @Override
    public ClassicHttpResponse parse(@Nullable SessionInputBuffer buffer, InputStream in)
            throws IOException, HttpException {
        int length = in.available();
        byte[] bytes = length <= head.length ? head : new byte[length];
        return HeadParser.parse(bytes, in.readNBytes(bytes, 0, length));
    }
}
