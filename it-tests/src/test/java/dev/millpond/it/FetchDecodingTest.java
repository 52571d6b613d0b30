package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.Millpond;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetches of encoded bodies: {@code DecodingStage}. */
class FetchDecodingTest extends FetchTestBase {

    @Test
    void aDecodedBodyIsRepeatableOfUnknownLengthAndNotEncoded() throws Exception {
        try (RawServer server = zipped(gzip("hello".getBytes(ISO_8859_1)))) {
            ClassicHttpResponse response = millpond.fetch(get(server)).join();
            assertThat(response.getEntity().getContentLength()).isEqualTo(-1);
            assertThat(response.getEntity().getContentEncoding()).isNull();
            assertThat(response.getEntity().isRepeatable()).isTrue();
            assertThat(response.getEntity().isStreaming()).isFalse();
            for (int i = 0; i < 2; i++) {
                assertThat(response.getEntity().getContent().readAllBytes())
                        .asString()
                        .isEqualTo("hello");
                ByteArrayOutputStream written = new ByteArrayOutputStream();
                response.getEntity().writeTo(written);
                assertThat(written).hasToString("hello");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"br, CwKAaGVsbG8D", "zstd, KLUv/SAFKQAAaGVsbG8="})
    void whatAnOptionalLibraryDecodesIsAskedForAndDecoded(String coding, String base64) throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        byte[] body = Base64.getDecoder().decode(base64);
        try (RawServer server = recording(
                requests,
                "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length + "\r\n\r\n"
                        + new String(body, ISO_8859_1))) {
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
            assertThat(requests.take()).containsPattern("\r\nAccept-Encoding: .*" + coding);
        }
    }

    @Test
    void decodedBytesAreLimited() throws Exception {
        try (RawServer server = zipped(gzip(new byte[1001]));
                Millpond small = Millpond.builder().maxDecodedSize(1000).build()) {
            assertThat(failure(small.fetch(get(server), response -> EntityUtils.toByteArray(response.getEntity()))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessage("response too large: maxDecodedSize is 1000 bytes, decoded more");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aBombIsRefused(int codings) throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        byte[] wire = codings == 1 ? bomb : gzip(bomb);
        try (RawServer server = answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: " + (codings == 1 ? "gzip" : "gzip, gzip")
                        + "\r\nContent-Length: " + wire.length + "\r\n\r\n",
                wire)) {
            assertThat(failure(millpond.fetch(get(server), response -> response.getEntity()
                            .getContent()
                            .transferTo(java.io.OutputStream.nullOutputStream()))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageStartingWith("response too large: maxDecodedRatio is 200, ");
        }
    }
}
