package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.FileReadException;
import dev.millpond.http.Millpond;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files and multipart bodies through {@code fetch}; where Apache's client can be compared, the same goes out. */
@Timeout(60)
class UploadTest {

    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final int SIZE = 3_000_000;

    private final DefaultHttpRequestRetryStrategy soon =
            new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1));
    private final Millpond millpond = Millpond.builder()
            .sslContext(CERTIFICATES.clientContext())
            .retryStrategy(soon)
            .build();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @TempDir
    Path directory;

    private Path file;
    private String content;

    @BeforeEach
    void write() throws IOException {
        byte[] bytes = new byte[SIZE];
        new java.util.Random(7).nextBytes(bytes);
        file = Files.write(directory.resolve("body"), bytes);
        content = new String(bytes, ISO_8859_1);
    }

    @AfterEach
    void close() {
        millpond.close();
    }

    private HttpEntity fileEntity() {
        return new FileEntity(file.toFile(), ContentType.APPLICATION_OCTET_STREAM);
    }

    private ClassicHttpRequest put(String url) {
        return ClassicRequestBuilder.put(url).setEntity(fileEntity()).build();
    }

    private String fetch(ClassicHttpRequest request) throws Exception {
        return millpond.fetch(
                        request, response -> response.getCode() + " " + EntityUtils.toString(response.getEntity()))
                .get(30, TimeUnit.SECONDS);
    }

    private String apache(ClassicHttpRequest request) throws IOException {
        try (CloseableHttpClient client =
                HttpClients.custom().setRetryStrategy(soon).build()) {
            return client.execute(
                    request, response -> response.getCode() + " " + EntityUtils.toString(response.getEntity()));
        }
    }

    private static String body(String request) {
        return request.substring(request.indexOf("\r\n\r\n") + 4);
    }

    /** The fields of a request that say something of its body. */
    private static List<String> bodyFields(String request) {
        List<String> fields = new ArrayList<>();
        request.substring(0, request.indexOf("\r\n\r\n")).lines().forEach(line -> {
            String name = line.toLowerCase(Locale.ROOT);
            if (name.startsWith("content-") || name.startsWith("transfer-") || name.startsWith("expect")) {
                fields.add(line);
            }
        });
        return fields;
    }

    /** Answers what comes on any connection with those, one after the other; nothing stands for closing. */
    private RawServer answering(ServerSocketFactory sockets, String... answers) {
        BlockingQueue<String> left = new LinkedBlockingQueue<>(List.of(answers));
        return new RawServer(sockets, (peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                received.add(request);
                String answer = left.remove();
                if (answer.isEmpty()) {
                    return;
                }
                peer.write(answer);
            }
        });
    }

    /** Sends the same with both clients to such a server, and compares what comes back and goes out. */
    private List<String> bothWays(HttpEntity entity, String... answers) throws Exception {
        List<List<String>> sent = new ArrayList<>();
        List<String> results = new ArrayList<>();
        for (boolean fetch : new boolean[] {true, false}) {
            try (RawServer server = answering(ServerSocketFactory.getDefault(), answers)) {
                ClassicHttpRequest request = ClassicRequestBuilder.put(server.url())
                        .setEntity(entity)
                        .build();
                results.add(fetch ? fetch(request) : apache(request));
                List<String> requests = new ArrayList<>();
                received.drainTo(requests);
                sent.add(requests);
            }
        }
        assertThat(results.get(0)).isEqualTo(results.get(1)).isEqualTo("200 hello");
        List<String> fetched = sent.get(0);
        assertThat(fetched).hasSameSizeAs(sent.get(1)).hasSameSizeAs(answers);
        for (int i = 0; i < fetched.size(); i++) {
            assertThat(bodyFields(fetched.get(i)))
                    .isEqualTo(bodyFields(sent.get(1).get(i)));
            assertThat(body(fetched.get(i)).equals(body(sent.get(1).get(i)))).isTrue();
        }
        assertThat(millpond.stats().connectionsLeased()).isZero();
        return fetched;
    }

    private void assertFile(String request) {
        assertThat(body(request).equals(content)).isTrue();
    }

    @Test
    void aFileIsSentAsItIs() throws Exception {
        assertFile(bothWays(fileEntity(), OK).get(0));
    }

    @Test
    void aFileIsSentAgainAfterA503AClosedConnectionAndARedirect() throws Exception {
        String redirect = "HTTP/1.1 307 There\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
        List<String> sent = bothWays(fileEntity(), "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", redirect, "", OK);
        assertThat(sent).hasSize(4).allSatisfy(this::assertFile);
        assertThat(sent.get(3)).startsWith("PUT /b ");
    }

    @Test
    void aMultipartBodyIsSentAsApacheSendsIt() throws Exception {
        HttpEntity entity = MultipartEntityBuilder.create()
                .setBoundary("b7a9")
                .addTextBody("name", "value", ContentType.TEXT_PLAIN)
                .addBinaryBody("file", file.toFile(), ContentType.APPLICATION_OCTET_STREAM, "body.bin")
                .build();
        String sent = bothWays(entity, OK).get(0);
        assertThat(sent).contains("\r\nContent-Type: multipart/form-data; ", "boundary=b7a9");
        assertThat(body(sent).contains(content)).isTrue();
        assertThat(body(sent)).endsWith("\r\n--b7a9--\r\n");
    }

    @Test
    void aFileIsSentOverTlsAndTheConnectionIsKept() throws Exception {
        try (RawServer server =
                answering(CERTIFICATES.serverContext("localhost").getServerSocketFactory(), OK, OK)) {
            for (int i = 0; i < 2; i++) {
                assertThat(fetch(put("https://localhost:" + server.port() + "/")))
                        .isEqualTo("200 hello");
                assertFile(received.take());
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    private ClassicHttpRequest expecting(ClassicHttpRequest request) {
        request.addHeader("Expect", "100-continue");
        return request;
    }

    @Test
    void aFileWaitsForA100() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            received.add(peer.readHead());
            peer.write("HTTP/1.1 100 Continue\r\n\r\n");
            received.add(new String(peer.in().readNBytes(SIZE), ISO_8859_1));
            peer.write(OK);
            peer.awaitClose();
        })) {
            HttpClientContext context = HttpClientContext.create();
            context.setRequestConfig(
                    RequestConfig.custom().setExpectContinueEnabled(true).build());
            assertThat(millpond.fetch(
                                    put(server.url()),
                                    dev.millpond.http.FetchOptions.defaults().context(context))
                            .get(30, TimeUnit.SECONDS)
                            .getCode())
                    .isEqualTo(200);
            assertThat(received.take()).contains("\r\nExpect: 100-continue\r\n", "\r\nContent-Length: " + SIZE);
            assertThat(received.take().equals(content)).isTrue();
        }
    }

    @Test
    void aFileThatIsRefusedAtItsHeadIsNotSent() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readHead();
            peer.write("HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno");
            received.add("answered");
            received.add("more: " + peer.in().readNBytes(1).length);
        })) {
            assertThat(fetch(expecting(put(server.url())))).isEqualTo("413 no");
            assertThat(server.awaitEnd()).isZero();
            // Closed in order or with a reset.
            received.remove("more: 0");
            assertThat(received).containsExactly("answered");
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void anAnswerThatComesBeforeTheEndOfTheFileIsTheAnswer() throws Exception {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            // More than goes through before the client gives up: had all of it, the connection would be good.
            sparse.setLength(4L << 30);
        }
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readHead();
            peer.in().readNBytes(1000);
            peer.write("HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno");
            peer.awaitClose();
        })) {
            assertThat(fetch(put(server.url()))).isEqualTo("413 no");
            assertThat(server.awaitEnd()).isZero();
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void aFileThatIsMissingIsNamed() throws Exception {
        Files.delete(file);
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            ClassicHttpRequest request = ClassicRequestBuilder.post(server.url())
                    .setEntity(fileEntity())
                    .build();
            assertThat(FetchTest.failure(millpond.fetch(request)))
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessageContaining(file.toString());
            assertThat(millpond.stats().connectionsLeased()).isZero();
            assertThatThrownBy(() -> apache(request))
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void aFileThatHasShrunkFailsTheExchange() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readHead();
            Files.write(file, new byte[1000]);
            peer.write("HTTP/1.1 100 Continue\r\n\r\n");
            peer.awaitClose();
        })) {
            ClassicHttpRequest request = ClassicRequestBuilder.post(server.url())
                    .setEntity(fileEntity())
                    .build();
            assertThat(FetchTest.failure(millpond.fetch(expecting(request))))
                    .isInstanceOf(FileReadException.class)
                    .hasMessage("file too short: expected " + SIZE + " bytes from position 0 on, got 1000");
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }
}
