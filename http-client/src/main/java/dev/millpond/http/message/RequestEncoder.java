package dev.millpond.http.message;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.impl.io.ChunkedOutputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthOutputStream;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.apache.hc.core5.http.io.SessionOutputBuffer;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.ByteBufferEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;

/** Makes bytes of requests, with Apache's own body streams. */
public final class RequestEncoder {

    private static final int BUFFER = 1024;
    private static final int CHUNK = 8 << 10;
    private static final int MAX_GUESS = 1 << 20;

    /** The characters of a token (RFC 9110, section 5.6.2). */
    private static final boolean[] TOKEN = new boolean[0x7F];

    static {
        for (int c = '!'; c < TOKEN.length; c++) {
            TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
    }

    private RequestEncoder() {}

    /**
     * A prepared request as it goes out. A body that is in memory anyway is encoded too; any other is to be written
     * with {@link EncodedRequest#writeBody}.
     *
     * @throws ProtocolException if the request can't be put into a valid message
     */
    public static EncodedRequest encode(ClassicHttpRequest request) throws HttpException, IOException {
        check(request);
        byte[] head = RequestHead.encode(request);
        HttpEntity entity = request.getEntity();
        if (entity == null) {
            return EncodedRequest.whole(request, head);
        }
        boolean expectsContinue = expectsContinue(request);
        if (!inMemory(entity)) {
            return EncodedRequest.streamed(request, head, entity, expectsContinue);
        }
        return expectsContinue
                ? EncodedRequest.held(request, head, withBody(new byte[0], entity))
                : EncodedRequest.whole(request, withBody(head, entity));
    }

    private static boolean expectsContinue(ClassicHttpRequest request) {
        Header expect = request.getFirstHeader(HttpHeaders.EXPECT);
        return expect != null && HeaderElements.CONTINUE.equalsIgnoreCase(expect.getValue());
    }

    private static byte[] withBody(byte[] head, HttpEntity entity) throws IOException {
        long length = entity.getContentLength();
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream(head.length + (int) Math.max(0, Math.min(length, MAX_GUESS)));
        bytes.writeBytes(head);
        SessionOutputBuffer buffer = new SessionOutputBufferImpl(BUFFER);
        writeEntity(entity, buffer, bytes);
        buffer.flush(bytes);
        return bytes.toByteArray();
    }

    static void writeEntity(HttpEntity entity, SessionOutputBuffer buffer, OutputStream target) throws IOException {
        if (entity.isChunked() || entity.getContentLength() < 0) {
            try (OutputStream body = new ChunkedOutputStream(buffer, target, CHUNK, entity.getTrailers())) {
                entity.writeTo(body);
            }
            return;
        }
        CountingOutputStream body =
                new CountingOutputStream(new ContentLengthOutputStream(buffer, target, entity.getContentLength()));
        entity.writeTo(body);
        if (body.count() != entity.getContentLength()) {
            // Sent as it is, the request would never end, or its surplus be lost without a word.
            throw new IOException("request body: content-length is " + entity.getContentLength() + ", entity wrote "
                    + body.count() + " bytes");
        }
        body.close();
    }

    /** Apache's entities that hold their bytes: to write them waits for nothing. */
    private static boolean inMemory(HttpEntity entity) {
        return entity instanceof ByteArrayEntity
                || entity instanceof StringEntity
                || entity instanceof ByteBufferEntity;
    }

    /**
     * Apache's formatter writes method, target and names as they are: a line end in them would begin another request.
     */
    private static void check(ClassicHttpRequest request) throws ProtocolException {
        checkToken("method", request.getMethod());
        String target = request.getPath();
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) <= ' ' || target.charAt(i) == 0x7F) {
                throw new ProtocolException("request target: expected no space or control character, got one at " + i);
            }
        }
        for (Iterator<Header> fields = request.headerIterator(); fields.hasNext(); ) {
            checkToken("field name", fields.next().getName());
        }
    }

    private static void checkToken(String what, String token) throws ProtocolException {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c >= TOKEN.length || !TOKEN[c]) {
                throw new ProtocolException(
                        what + ": expected a token (RFC 9110, section 5.6.2), got '" + c + "' at " + i);
            }
        }
        if (token.isEmpty()) {
            throw new ProtocolException(what + ": expected a token (RFC 9110, section 5.6.2), got nothing");
        }
    }
}
