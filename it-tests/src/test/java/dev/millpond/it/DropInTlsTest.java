package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.ssl.TLS;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS in the asynchronous core, driven by what users configure for sockets. */
@Timeout(60)
class DropInTlsTest extends DropInTestBase {

    private static final TestCertificates CERTIFICATES = new TestCertificates();

    private static RawServer server(String name, RawServer.Script script) {
        return new RawServer(CERTIFICATES.serverContext(name).getServerSocketFactory(), script);
    }

    private static RawServer answering(String name) {
        return server(name, (peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(OK);
            }
        });
    }

    private CloseableHttpClient client(TlsSocketStrategy strategy) {
        return client(MillpondConnectionManagerBuilder.create().setTlsSocketStrategy(strategy));
    }

    private static DefaultClientTlsStrategy trusting() {
        return new DefaultClientTlsStrategy(CERTIFICATES.clientContext());
    }

    private static HttpGet get(String host, RawServer server) {
        return new HttpGet("https://" + host + ":" + server.port() + "/");
    }

    @Test
    void aTrustedServerAnswersAndTheSessionIsKnown() throws Exception {
        try (RawServer server = answering("localhost")) {
            CloseableHttpClient client = client(trusting());
            HttpClientContext context = HttpClientContext.create();
            for (int i = 0; i < 3; i++) {
                assertThat(body(execute(client, get("localhost", server), context)))
                        .isEqualTo("hello");
                assertThat(context.getSSLSession().getProtocol()).isEqualTo("TLSv1.3");
                assertThat(context.getSSLSession().getPeerCertificates()).isNotEmpty();
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aWrongNameAnUnknownAuthorityAndDefaultTrustAreRefused() throws Exception {
        try (RawServer server = answering("other.example")) {
            assertThatThrownBy(() -> execute(client(trusting()), get("localhost", server)))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("localhost");
            assertThat(manager.getTotalStats().getLeased()).isZero();
            CloseableHttpClient strangers =
                    client(new DefaultClientTlsStrategy(new TestCertificates().clientContext()));
            assertThatThrownBy(() -> execute(strangers, get("localhost", server)))
                    .isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> execute(client(), get("localhost", server)))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void theHostNameVerifierDecidesWhereItIsToldTo() throws Exception {
        try (RawServer server = answering("other.example")) {
            CloseableHttpClient lenient = client(new DefaultClientTlsStrategy(
                    CERTIFICATES.clientContext(), HostnameVerificationPolicy.CLIENT, NoopHostnameVerifier.INSTANCE));
            assertThat(body(execute(lenient, get("localhost", server)))).isEqualTo("hello");
            List<String> asked = new CopyOnWriteArrayList<>();
            CloseableHttpClient strict = client(ClientTlsStrategyBuilder.create()
                    .setSslContext(CERTIFICATES.clientContext())
                    .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier((host, session) -> {
                        asked.add(host + " " + Thread.currentThread().getName());
                        return false;
                    })
                    .buildClassic());
            assertThatThrownBy(() -> execute(strict, get("localhost", server)))
                    .isInstanceOf(SSLPeerUnverifiedException.class);
            // On the caller's thread: it may block.
            assertThat(asked)
                    .containsExactly("localhost " + Thread.currentThread().getName());
        }
    }

    @Test
    void protocolsAndCiphersAreTheUsers() throws Exception {
        try (RawServer server = answering("localhost")) {
            CloseableHttpClient client = client(ClientTlsStrategyBuilder.create()
                    .setSslContext(CERTIFICATES.clientContext())
                    .setTlsVersions(TLS.V_1_2)
                    .setCiphers("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                    .buildClassic());
            HttpClientContext context = HttpClientContext.create();
            body(execute(client, get("localhost", server), context));
            assertThat(context.getSSLSession().getProtocol()).isEqualTo("TLSv1.2");
            assertThat(context.getSSLSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");

            CloseableHttpClient byConfig = client(MillpondConnectionManagerBuilder.create()
                    .setTlsSocketStrategy(trusting())
                    .setDefaultTlsConfig(
                            TlsConfig.custom().setSupportedProtocols(TLS.V_1_2).build()));
            body(execute(byConfig, get("localhost", server), context));
            assertThat(context.getSSLSession().getProtocol()).isEqualTo("TLSv1.2");
        }
    }

    @Test
    void theServerLearnsTheNameAndIsOfferedNoOtherProtocol() throws Exception {
        CompletableFuture<String> learnt = new CompletableFuture<>();
        try (RawServer server = server("a.localhost", (peer, connection) -> {
            SSLSocket secured = (SSLSocket) peer.socket();
            secured.setHandshakeApplicationProtocolSelector((socket, offered) -> "");
            peer.readRequest();
            learnt.complete(((ExtendedSSLSession) secured.getSession()).getRequestedServerNames() + " "
                    + secured.getApplicationProtocol());
            peer.write(OK);
        })) {
            assertThat(body(execute(client(trusting()), get("a.localhost", server))))
                    .isEqualTo("hello");
            assertThat(learnt.get()).contains("a.localhost").endsWith("] ");
        }
    }

    @Test
    void aClientCertificateIsSentAndItsConnectionReused() throws Exception {
        CompletableFuture<String> peerName = new CompletableFuture<>();
        try (RawServer server = new RawServer(
                new NeedingClientAuth(CERTIFICATES.serverContext("localhost").getServerSocketFactory()),
                (peer, connection) -> {
                    while (!peer.readRequest().isEmpty()) {
                        peerName.complete(((SSLSocket) peer.socket())
                                .getSession()
                                .getPeerPrincipal()
                                .getName());
                        peer.write(OK);
                    }
                })) {
            CloseableHttpClient client = client(new DefaultClientTlsStrategy(CERTIFICATES.clientContext("alice")));
            HttpClientContext context = HttpClientContext.create();
            for (int i = 0; i < 3; i++) {
                assertThat(body(execute(client, get("localhost", server), context)))
                        .isEqualTo("hello");
            }
            assertThat(peerName.get()).isEqualTo("CN=alice");
            assertThat(context.getUserToken()).hasToString("CN=alice");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void theHandshakeTimeoutOfTheTlsConfigIsHonoured() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setDefaultTlsConfig(TlsConfig.custom()
                            .setHandshakeTimeout(200, TimeUnit.MILLISECONDS)
                            .build()));
            assertThatThrownBy(() -> execute(client, get("localhost", server)))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("tls handshake timed out after 200ms");
            assertThat(server.awaitEnd()).isZero();
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void cancellingDuringTheHandshakeEndsIt() throws Exception {
        CompletableFuture<Void> connected = new CompletableFuture<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.read();
            connected.complete(null);
            peer.awaitClose();
        })) {
            HttpGet get = get("localhost", server);
            CloseableHttpClient client = client(trusting());
            var waiting = background(() -> execute(client, get));
            connected.get(30, TimeUnit.SECONDS);
            get.cancel();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            assertThat(server.awaitEnd()).isZero();
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void aTruncationIsNoEnd() throws Exception {
        try (RawServer server = server("localhost", (peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        })) {
            assertThatThrownBy(() -> execute(client(trusting()), get("localhost", server)))
                    .isInstanceOf(IncompleteResponseException.class);
        }
    }

    private interface Custom extends TlsSocketStrategy {}

    @Test
    void aStrategyThatCantBeHonouredIsRefusedAtOnce() {
        Custom onlySockets = (socket, target, port, attachment, context) -> {
            throw new IOException("never");
        };
        assertThatThrownBy(() -> build(onlySockets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tlsSocketStrategy: expected a DefaultClientTlsStrategy, or another that is a"
                        + " TlsStrategy too, got dev.millpond.it.DropInTlsTest");
        assertThatThrownBy(() -> build(new DefaultClientTlsStrategy(CERTIFICATES.clientContext()) {
                    @Override
                    protected void initializeSocket(SSLSocket socket) {
                        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
                    }
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overrides a method that configures an SSLSocket");
    }

    private static HttpClientConnectionManager build(TlsSocketStrategy strategy) {
        return MillpondConnectionManagerBuilder.create()
                .setTlsSocketStrategy(strategy)
                .build();
    }

    @Test
    void aStrategysHooksForTheEngineAndTheSessionAreCalled() throws Exception {
        List<String> called = new CopyOnWriteArrayList<>();
        try (RawServer server = answering("localhost")) {
            CloseableHttpClient client = client(new DefaultClientTlsStrategy(CERTIFICATES.clientContext()) {
                @Override
                protected void initializeEngine(SSLEngine engine) {
                    called.add("engine");
                    engine.setEnabledProtocols(new String[] {"TLSv1.2"});
                }

                @Override
                protected void verifySession(String hostname, javax.net.ssl.SSLSession session) {
                    called.add(hostname + " " + session.getProtocol());
                }
            });
            body(execute(client, get("localhost", server)));
            assertThat(called).containsExactly("engine", "localhost TLSv1.2");
        }
    }

    /**
     * A server that takes up an invitation to upgrade answers 101, and then, over TLS, the request itself (RFC 2817).
     */
    @Test
    void anUpgradeToTlsInMidExchange() throws Exception {
        CompletableFuture<String> invitation = new CompletableFuture<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            invitation.complete(peer.readRequest());
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n");
            Socket secured = CERTIFICATES
                    .serverContext("localhost")
                    .getSocketFactory()
                    .createSocket(peer.socket(), null, peer.socket().getPort(), true);
            ((SSLSocket) secured).setUseClientMode(false);
            secured.getOutputStream().write(OK.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
            secured.getInputStream().read();
        })) {
            HttpClientContext context = HttpClientContext.create();
            HttpGet get = new HttpGet(server.url());
            get.setHeader(HttpHeaders.UPGRADE, "TLS/1.2");
            assertThat(body(execute(client(trusting()), get, context))).isEqualTo("hello");
            assertThat(invitation.get()).contains("Upgrade: TLS/1.2");
            assertThat(context.getResponse().getCode()).isEqualTo(200);
        }
    }

    /** Makes server sockets that ask for certificates. */
    private static final class NeedingClientAuth extends javax.net.ServerSocketFactory {

        private final javax.net.ssl.SSLServerSocketFactory inner;

        NeedingClientAuth(javax.net.ServerSocketFactory inner) {
            this.inner = (javax.net.ssl.SSLServerSocketFactory) inner;
        }

        private static java.net.ServerSocket needing(java.net.ServerSocket socket) {
            ((SSLServerSocket) socket).setNeedClientAuth(true);
            return socket;
        }

        @Override
        public java.net.ServerSocket createServerSocket(int port) throws IOException {
            return needing(inner.createServerSocket(port));
        }

        @Override
        public java.net.ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return needing(inner.createServerSocket(port, backlog));
        }

        @Override
        public java.net.ServerSocket createServerSocket(int port, int backlog, java.net.InetAddress address)
                throws IOException {
            return needing(inner.createServerSocket(port, backlog, address));
        }
    }
}
