package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.http.Millpond;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpsTest {

    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final Millpond millpond =
            Millpond.builder().sslContext(CERTIFICATES.clientContext()).build();

    @AfterEach
    void close() {
        millpond.close();
    }

    @Test
    void aTrustedServerWithTheRightNameAnswersOnAConnectionThatIsReused() throws Exception {
        try (RawServer server = new RawServer(sockets("localhost"), (peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(OK);
            }
        })) {
            for (int i = 0; i < 3; i++) {
                assertThat(body(fetch("localhost", server))).isEqualTo("hello");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anAddressIsVerifiedAsSuch() throws Exception {
        try (RawServer server = new RawServer(sockets("127.0.0.1"), (peer, connection) -> {
            peer.readRequest();
            peer.write(OK);
            peer.awaitClose();
        })) {
            assertThat(body(fetch("127.0.0.1", server))).isEqualTo("hello");
        }
    }

    @Test
    void aWrongHostNameIsRefusedAndNothingIsSent() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        try (RawServer server =
                new RawServer(sockets("other.example"), (peer, connection) -> received.add(peer.readRequest()))) {
            assertThat(failure(fetch("localhost", server)))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("localhost");
            server.awaitEnd();
            assertThat(received).isIn(List.of(), List.of(""));
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        ServerSocketFactory strangers =
                new TestCertificates().serverContext("localhost").getServerSocketFactory();
        try (RawServer server = new RawServer(strangers, (peer, connection) -> peer.readRequest())) {
            assertThat(failure(fetch("localhost", server))).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void theDefaultTrustKnowsNotTheTestsAuthority() throws Exception {
        try (RawServer server = new RawServer(sockets("localhost"), (peer, connection) -> peer.readRequest());
                Millpond plain = Millpond.create()) {
            assertThat(failure(plain.fetch(ClassicRequestBuilder.get("https://localhost:" + server.port() + "/")
                            .build())))
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aCloseDelimitedBodyNeedsACloseNotify() throws Exception {
        try (RawServer server = new RawServer(sockets("localhost"), (peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\n\r\nhello"); // and closes, with close_notify
        })) {
            assertThat(body(fetch("localhost", server))).isEqualTo("hello");
        }
    }

    @Test
    void aCloseDelimitedBodyThatIsCutOffIsRefused() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> truncate(peer, "HTTP/1.1 200 OK\r\n\r\nhello"));
                Millpond once = Millpond.builder()
                        .sslContext(CERTIFICATES.clientContext())
                        .disableRetries()
                        .build()) {
            assertThat(failure(once.fetch(ClassicRequestBuilder.get("https://localhost:" + server.port() + "/")
                            .build())))
                    .isInstanceOf(IncompleteResponseException.class)
                    .hasCauseInstanceOf(SSLException.class)
                    .hasMessage("response incomplete: received 5 bytes of a close-delimited body, without its end");
        }
    }

    @Test
    void aServerThatSpeaksNoTlsIsRefused() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            peer.awaitClose();
        })) {
            assertThat(failure(fetch("localhost", server))).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void aHandshakeThatNeverEndsTimesOut() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond hasty = Millpond.builder()
                        .sslContext(CERTIFICATES.clientContext())
                        .connectTimeout(Duration.ofSeconds(2)) // for the connection, and again for the handshake
                        .build()) {
            assertThat(failure(hasty.fetch(ClassicRequestBuilder.get("https://localhost:" + server.port() + "/")
                            .build())))
                    .isInstanceOf(SocketTimeoutException.class);
            server.awaitEnd();
        }
    }

    @Test
    void aContextThatIsNoGoodFailsTheFetch() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond broken = Millpond.builder()
                        .sslContext(SSLContext.getInstance("TLS"))
                        .build()) {
            assertThat(failure(broken.fetch(ClassicRequestBuilder.get("https://localhost:" + server.port() + "/")
                            .build())))
                    .isInstanceOf(SSLException.class);
            server.awaitEnd();
            assertThat(broken.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void cancellingInMidHandshakeClosesTheConnection() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CompletableFuture<ClassicHttpResponse> response = fetch("localhost", server);
            await(() -> server.connections() == 1);
            response.cancel(true);
            server.awaitEnd();
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    private static ServerSocketFactory sockets(String name) {
        SSLContext context = CERTIFICATES.serverContext(name);
        return context.getServerSocketFactory();
    }

    private CompletableFuture<ClassicHttpResponse> fetch(String host, RawServer server) {
        return millpond.fetch(ClassicRequestBuilder.get("https://" + host + ":" + server.port() + "/")
                .build());
    }

    private static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(response.get(30, TimeUnit.SECONDS).getEntity());
    }

    /** Answers over TLS, and ends the connection below it: without a close_notify. */
    private static void truncate(RawServer.Peer peer, String response) throws IOException {
        SSLSocket tls = (SSLSocket)
                CERTIFICATES.serverContext("localhost").getSocketFactory().createSocket(peer.socket(), null, false);
        BufferedReader request = new BufferedReader(new InputStreamReader(tls.getInputStream(), US_ASCII));
        for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
            // on to the end of the head
        }
        tls.getOutputStream().write(response.getBytes(US_ASCII));
        peer.shutdownOutput();
        peer.awaitClose();
    }
}
