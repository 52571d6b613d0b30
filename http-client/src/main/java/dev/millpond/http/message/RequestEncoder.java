package dev.millpond.http.message;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.impl.io.ChunkedOutputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthOutputStream;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.apache.hc.core5.http.io.SessionOutputBuffer;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.ByteBufferEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.DefaultHttpProcessor;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.RequestConnControl;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.http.protocol.RequestUserAgent;

/** Makes bytes of requests, with Apache's own interceptors and body streams. Thread-safe. */
public final class RequestEncoder {

    private static final int BUFFER = 1024;
    private static final int CHUNK = 8 << 10;
    private static final int MAX_GUESS = 1 << 20;

    /** Only read. */
    private static final HttpCoreContext HTTP_1_1_CONTEXT = HttpCoreContext.create();

    static {
        HTTP_1_1_CONTEXT.setProtocolVersion(HttpVersion.HTTP_1_1);
    }

    private final HttpProcessor processor;

    /** @param userAgent the User-Agent of requests that don't bring one */
    public RequestEncoder(String userAgent) {
        this.processor = new DefaultHttpProcessor(
                RequestContent.INSTANCE,
                RequestTargetHost.INSTANCE,
                RequestConnControl.INSTANCE,
                new RequestUserAgent(userAgent));
    }

    /**
     * The request with the fields it lacks. A body that is in memory anyway is encoded with the head; any other has to
     * be written with {@link EncodedRequest#writeBody}. The request itself is left as it is.
     *
     * @throws ProtocolException if the request can't be put into a valid message
     */
    public EncodedRequest encode(ClassicHttpRequest original) throws HttpException, IOException {
        ClassicHttpRequest request = copy(original);
        HttpEntity entity = request.getEntity();
        processor.process(request, entity, context(request.getVersion()));
        check(request);
        byte[] head = RequestHead.encode(request);
        if (entity == null) {
            return new EncodedRequest(request, ByteBuffer.wrap(head), null);
        }
        return inMemory(entity)
                ? new EncodedRequest(request, ByteBuffer.wrap(withBody(head, entity)), null)
                : new EncodedRequest(request, ByteBuffer.wrap(head), entity);
    }

    private static ClassicHttpRequest copy(ClassicHttpRequest original) {
        BasicClassicHttpRequest copy = new BasicClassicHttpRequest(
                original.getMethod(), original.getScheme(), original.getAuthority(), original.getPath());
        copy.setVersion(original.getVersion() == null ? HttpVersion.HTTP_1_1 : original.getVersion());
        for (Iterator<Header> fields = original.headerIterator(); fields.hasNext(); ) {
            copy.addHeader(fields.next());
        }
        copy.setEntity(original.getEntity());
        return copy;
    }

    /** All that the interceptors here ask of a context is the version. */
    private static HttpCoreContext context(ProtocolVersion version) {
        if (HttpVersion.HTTP_1_1.equals(version)) {
            return HTTP_1_1_CONTEXT;
        }
        HttpCoreContext context = HttpCoreContext.create();
        context.setProtocolVersion(version);
        return context;
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
            if (c <= ' ' || c >= 0x7F || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
                throw new ProtocolException(
                        what + ": expected a token (RFC 9110, section 5.6.2), got '" + c + "' at " + i);
            }
        }
        if (token.isEmpty()) {
            throw new ProtocolException(what + ": expected a token (RFC 9110, section 5.6.2), got nothing");
        }
    }
}
