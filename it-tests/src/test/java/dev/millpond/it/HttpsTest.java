package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.http.Millpond;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
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
        try (TruncatingProxy proxy = new TruncatingProxy(sockets("localhost"), "HTTP/1.1 200 OK\r\n\r\nhello");
                Millpond once = Millpond.builder()
                        .sslContext(CERTIFICATES.clientContext())
                        .disableRetries()
                        .build()) {
            assertThat(failure(once.fetch(ClassicRequestBuilder.get("https://localhost:" + proxy.port() + "/")
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
                        .connectTimeout(Duration.ofMillis(300))
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

    /** Stands between client and TLS server, and closes towards the client without a close_notify. */
    private static final class TruncatingProxy implements AutoCloseable {

        private final CountDownLatch answered = new CountDownLatch(1);
        private final RawServer server;
        private final RawServer proxy;

        TruncatingProxy(ServerSocketFactory sockets, String response) {
            server = new RawServer(sockets, (peer, connection) -> {
                peer.readRequest();
                peer.write(response);
                answered.countDown();
                peer.awaitClose();
            });
            proxy = new RawServer((peer, connection) -> {
                try (java.net.Socket upstream = new java.net.Socket("localhost", server.port())) {
                    Thread up = new Thread(() -> pipe(peer.in(), upstream));
                    up.setDaemon(true);
                    up.start();
                    upstream.setSoTimeout(500); // then it has said all it has to say, if it has begun
                    forward(upstream, peer);
                    peer.shutdownOutput();
                    peer.awaitClose();
                }
            });
        }

        private void forward(java.net.Socket from, RawServer.Peer to) throws IOException {
            byte[] some = new byte[16 << 10];
            while (true) {
                try {
                    int n = from.getInputStream().read(some);
                    if (n < 0) {
                        return;
                    }
                    to.write(java.util.Arrays.copyOf(some, n));
                } catch (SocketTimeoutException e) {
                    if (answered.getCount() == 0) {
                        return;
                    }
                }
            }
        }

        private static void pipe(java.io.InputStream from, java.net.Socket to) {
            try {
                from.transferTo(to.getOutputStream());
            } catch (IOException e) {
                // One side has closed: the test is over.
            }
        }

        int port() {
            return proxy.port();
        }

        @Override
        public void close() throws IOException {
            proxy.close();
            server.close();
        }
    }
}
