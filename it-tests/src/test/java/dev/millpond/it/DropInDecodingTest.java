package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.apache.ContentDecoders;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HttpClient's own decoding, bounded. */
@Timeout(60)
class DropInDecodingTest extends DropInTestBase {

    private final LinkedBlockingQueue<String> offers = new LinkedBlockingQueue<>();

    private RawServer serving(int size) throws Exception {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(encoded)) {
            gzip.write("x".repeat(size).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        return new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                offers.add(request.lines()
                        .filter(line -> line.startsWith("Accept-Encoding:"))
                        .findFirst()
                        .orElse("none"));
                peer.write(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + encoded.size() + "\r\n\r\n");
                peer.write(encoded.toByteArray());
            }
        });
    }

    private CloseableHttpClient bounded(long maxDecodedSize) {
        return client(
                MillpondConnectionManagerBuilder.create(),
                http -> http.setContentDecoderRegistry(ContentDecoders.bounded(maxDecodedSize)));
    }

    @Test
    void bodiesWithinTheLimitAreDecodedAndOfferedAsEver() throws Exception {
        try (RawServer server = serving(1_000_000)) {
            ClassicHttpResponse response = execute(bounded(1_000_000), new HttpGet(server.url()));
            assertThat(response.getEntity().getContentEncoding()).isNull();
            assertThat(response.getEntity().getContentLength()).isEqualTo(-1);
            assertThat(body(response)).isEqualTo("x".repeat(1_000_000));
            execute(client(), new HttpGet(server.url()));
            assertThat(offers.take()).isEqualTo(offers.take()).contains("gzip, deflate", "x-gzip");
        }
    }

    @Test
    void largerOnesFailAndTheConnectionIsFree() throws Exception {
        try (RawServer server = serving(1_000_000)) {
            CloseableHttpClient client = bounded(999_999);
            for (int i = 0; i < 3; i++) {
                ClassicHttpResponse response = execute(client, new HttpGet(server.url()));
                assertThatThrownBy(() -> body(response))
                        .isInstanceOf(ResponseTooLargeException.class)
                        .hasMessage("response too large: maxDecodedSize is 999999 bytes, decoded more");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void bombsFailByTheirRatio() throws Exception {
        try (RawServer server = serving(20 << 20)) {
            ClassicHttpResponse response = execute(bounded(Long.MAX_VALUE), new HttpGet(server.url()));
            assertThatThrownBy(() -> body(response))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageContaining("maxDecodedRatio is 200");
        }
    }
}
