package dev.millpond.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestWriter;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.HttpEntities;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.net.URIAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestEncoderTest {

    @Test
    void theVersionIsTheRequests() throws Exception {
        ClassicHttpRequest request = ClassicRequestBuilder.get("http://host/")
                .setVersion(HttpVersion.HTTP_1_0)
                .build();
        assertThat(encoded(request)).startsWith("GET / HTTP/1.0\r\n");
    }

    @Test
    void headsAreThoseOfHttpCoresWriter() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            BasicClassicHttpRequest request = new BasicClassicHttpRequest("GET", "/" + random.nextInt());
            request.setVersion(HttpVersion.HTTP_1_1);
            for (int fields = random.nextInt(5); fields > 0; fields--) {
                StringBuilder value = new StringBuilder();
                for (int length = random.nextInt(20); length > 0; length--) {
                    value.append((char) random.nextInt(random.nextBoolean() ? 300 : 128));
                }
                request.addHeader("X-" + fields, random.nextInt(10) == 0 ? null : value.toString());
            }
            SessionOutputBufferImpl buffer = new SessionOutputBufferImpl(1024);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            new DefaultHttpRequestWriter().write(request, buffer, expected);
            buffer.flush(expected);
            assertThat(new String(RequestHead.encode(request), ISO_8859_1)).isEqualTo(expected.toString(ISO_8859_1));
        }
    }

    @Test
    void aBodyInMemoryIsEncodedWithTheHead() throws Exception {
        EncodedRequest request =
                encode(post(new ByteArrayEntity("hello".getBytes(ISO_8859_1), ContentType.TEXT_PLAIN)));
        assertThat(text(request)).contains("Content-Length: 5\r\n").endsWith("\r\n\r\nhello");
        assertThat(request.bodyFollows()).isFalse();
        assertThat(request.repeatable()).isTrue();
    }

    @Test
    void aBodyOfUnknownLengthIsChunkedAndStreamed() throws Exception {
        EncodedRequest request = encode(post(stream("hello", -1)));
        assertThat(text(request)).contains("Transfer-Encoding: chunked\r\n").endsWith("\r\n\r\n");
        assertThat(request.bodyFollows()).isTrue();
        assertThat(request.repeatable()).isFalse();
        assertThat(body(request)).isEqualTo("5\r\nhello\r\n0\r\n\r\n");
    }

    @Test
    void trailersFollowAChunkedBody() throws Exception {
        HttpEntity entity = HttpEntities.create("hello", ContentType.TEXT_PLAIN, new BasicHeader("Sum", "5"));
        EncodedRequest request = encode(post(entity));
        assertThat(text(request)).contains("Trailer: Sum\r\n");
        assertThat(body(request)).isEqualTo("5\r\nhello\r\n0\r\nSum: 5\r\n\r\n");
    }

    @Test
    void aBodyThatIsNotAsLongAsItSaysIsRefused() throws Exception {
        EncodedRequest shorter = encode(post(stream("hello", 6)));
        assertThatThrownBy(() -> body(shorter))
                .isInstanceOf(IOException.class)
                .hasMessage("request body: content-length is 6, entity wrote 5 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a b", "/a\r\nX: y", "/\t", "/\0"})
    void aTargetThatWouldBreakTheRequestLineIsRefused(String target) {
        BasicClassicHttpRequest request = new BasicClassicHttpRequest("GET", target);
        request.setAuthority(new URIAuthority("host"));
        assertThatThrownBy(() -> encode(request))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("request target: expected no space or control character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"G T", "GET\r\n", "G:T", "GETÄ"})
    void aMethodThatIsNoTokenIsRefused(String method) {
        BasicClassicHttpRequest request = new BasicClassicHttpRequest(method, "/");
        request.setAuthority(new URIAuthority("host"));
        assertThatThrownBy(() -> encode(request))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("method: expected a token");
    }

    @Test
    void aFieldCannotBringAnotherOne() throws Exception {
        ClassicHttpRequest named = ClassicRequestBuilder.get("http://host/")
                .addHeader("X\r\nY", "z")
                .build();
        assertThatThrownBy(() -> encode(named))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("field name: expected a token");
        ClassicHttpRequest valued = ClassicRequestBuilder.get("http://host/")
                .addHeader("X", "y\r\nZ: z")
                .build();
        assertThat(encoded(valued)).contains("X: y  Z: z\r\n");
    }

    @Test
    void http10HasNoChunks() {
        ClassicHttpRequest request = post(stream("hello", -1));
        request.setVersion(HttpVersion.HTTP_1_0);
        assertThatThrownBy(() -> encode(request)).isInstanceOf(ProtocolException.class);
    }

    private static ClassicHttpRequest post(HttpEntity entity) {
        return ClassicRequestBuilder.post("http://host/").setEntity(entity).build();
    }

    private static HttpEntity stream(String body, long length) {
        return new InputStreamEntity(
                new ByteArrayInputStream(body.getBytes(ISO_8859_1)), length, ContentType.TEXT_PLAIN);
    }

    private static String encoded(ClassicHttpRequest request) throws Exception {
        return text(encode(request));
    }

    /** With the fields that describe its body. */
    private static EncodedRequest encode(ClassicHttpRequest request) throws HttpException, IOException {
        HttpCoreContext context = HttpCoreContext.create();
        context.setProtocolVersion(request.getVersion() == null ? HttpVersion.HTTP_1_1 : request.getVersion());
        RequestContent.INSTANCE.process(request, request.getEntity(), context);
        return RequestEncoder.encode(request);
    }

    private static String text(EncodedRequest request) {
        return ISO_8859_1.decode(request.bytes()).toString();
    }

    private static String body(EncodedRequest request) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        request.writeBody(out);
        return out.toString(ISO_8859_1);
    }
}
