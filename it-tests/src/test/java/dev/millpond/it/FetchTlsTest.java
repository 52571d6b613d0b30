package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http.ssl.TLS;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code fetch} over TLS as users configure it for Apache's clients. */
@Timeout(60)
class FetchTlsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String CIPHER = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final TestCertificates CERTIFICATES = new TestCertificates();

    private final List<SSLSession> sessions = new CopyOnWriteArrayList<>();
    private Millpond millpond = Millpond.create();

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
        millpond.close();
    }

    private void use(UnaryOperator<MillpondBuilder> settings) {
        millpond.close();
        millpond = settings.apply(Millpond.builder()).build();
    }

    private RawServer answering(String name) {
        return new RawServer(CERTIFICATES.serverContext(name).getServerSocketFactory(), (peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                sessions.add(((SSLSocket) peer.socket()).getSession());
                peer.write(OK);
            }
        });
    }

    private static HttpGet get(RawServer server) {
        return new HttpGet("https://localhost:" + server.port() + "/");
    }

    private String body(RawServer server) throws Exception {
        return EntityUtils.toString(
                millpond.fetch(get(server)).get(30, TimeUnit.SECONDS).getEntity());
    }

    @Test
    void theHostnameVerifierDecidesWhereItIsToldToAndMayBlock() throws Exception {
        try (RawServer server = answering("other.example")) {
            List<Boolean> onEventLoop = new CopyOnWriteArrayList<>();
            use(builder -> builder.tlsSocketStrategy(ClientTlsStrategyBuilder.create()
                    .setSslContext(CERTIFICATES.clientContext())
                    .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier((host, session) -> {
                        onEventLoop.add(AsyncCore.onEventLoop());
                        return onEventLoop.size() > 1;
                    })
                    .buildClassic()));
            assertThat(failure(millpond.fetch(get(server)))).isInstanceOf(SSLPeerUnverifiedException.class);
            assertThat(sessions).isEmpty();
            assertThat(body(server)).isEqualTo("hello");
            assertThat(onEventLoop).containsExactly(false, false);

            use(builder -> builder.tlsStrategy((TlsStrategy) new DefaultClientTlsStrategy(
                    CERTIFICATES.clientContext(), HostnameVerificationPolicy.CLIENT, NoopHostnameVerifier.INSTANCE)));
            assertThat(body(server)).isEqualTo("hello");
            use(builder -> builder.tlsSocketStrategy(new DefaultClientTlsStrategy(CERTIFICATES.clientContext())));
            assertThat(failure(millpond.fetch(get(server)))).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void protocolsAndCiphersAreTheUsers() throws Exception {
        try (RawServer server = answering("localhost")) {
            use(builder -> builder.tlsSocketStrategy(ClientTlsStrategyBuilder.create()
                    .setSslContext(CERTIFICATES.clientContext())
                    .setTlsVersions(TLS.V_1_2)
                    .setCiphers(CIPHER)
                    .buildClassic()));
            body(server);
            use(builder -> builder.sslContext(CERTIFICATES.clientContext())
                    .tlsConfig(TlsConfig.custom()
                            .setSupportedProtocols(TLS.V_1_2)
                            .setSupportedCipherSuites(CIPHER)
                            .build()));
            body(server);
            use(builder -> builder.sslContext(CERTIFICATES.clientContext())
                    .tlsConfigResolver(host -> host.getHostName().equals("localhost")
                            ? TlsConfig.custom()
                                    .setSupportedProtocols(TLS.V_1_2)
                                    .build()
                            : null));
            body(server);
            use(builder -> builder.sslContext(CERTIFICATES.clientContext()).tlsConfigResolver(host -> null));
            body(server);
            assertThat(sessions)
                    .extracting(SSLSession::getProtocol)
                    .containsExactly("TLSv1.2", "TLSv1.2", "TLSv1.2", "TLSv1.3");
            assertThat(sessions.subList(0, 2))
                    .extracting(SSLSession::getCipherSuite)
                    .containsOnly(CIPHER);
        }
    }

    @Test
    void aProtocolThatTheServerDoesNotSpeakIsRefused() throws Exception {
        try (RawServer server =
                new RawServer(CERTIFICATES.serverContext("localhost").getServerSocketFactory(), (peer, connection) -> {
                    ((SSLSocket) peer.socket()).setEnabledProtocols(new String[] {"TLSv1.2"});
                    peer.readRequest();
                })) {
            use(builder -> builder.sslContext(CERTIFICATES.clientContext())
                    .tlsConfig(
                            TlsConfig.custom().setSupportedProtocols(TLS.V_1_3).build()));
            assertThat(failure(millpond.fetch(get(server)))).isInstanceOf(SSLException.class);
        }
    }

    /** As with Apache's client: a connection with an identity is not for contexts that do not have it yet. */
    @Test
    void aClientCertificateIsSentAndItsConnectionSharedOnlyIfThatIsSaid() throws Exception {
        List<String> names = new CopyOnWriteArrayList<>();
        try (RawServer server =
                new RawServer(CERTIFICATES.serverContext("localhost").getServerSocketFactory(), (peer, connection) -> {
                    SSLSocket socket = (SSLSocket) peer.socket();
                    socket.setNeedClientAuth(true);
                    while (!peer.readRequest().isEmpty()) {
                        names.add(socket.getSession().getPeerPrincipal().getName());
                        peer.write(OK);
                    }
                })) {
            use(builder -> builder.sslContext(CERTIFICATES.clientContext("alice")));
            body(server);
            body(server);
            assertThat(names).containsExactly("CN=alice", "CN=alice");
            assertThat(server.connections()).isEqualTo(2);
            use(builder ->
                    builder.sslContext(CERTIFICATES.clientContext("alice")).disableConnectionState());
            body(server);
            body(server);
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @Test
    void theHandshakeTimeoutOfTheTlsConfigIsHonoured() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            use(builder -> builder.tlsConfig(TlsConfig.custom()
                    .setHandshakeTimeout(200, TimeUnit.MILLISECONDS)
                    .build()));
            assertThat(failure(millpond.fetch(get(server))))
                    .isInstanceOf(ConnectTimeoutException.class)
                    .hasMessageEndingWith("tls handshake timed out after 200ms");
            assertThat(server.awaitEnd()).isZero();
        }
    }

    @Test
    void aStrategysHooksAreCalledAndWhatTheyThrowFailsTheFetch() throws Exception {
        List<String> called = new CopyOnWriteArrayList<>();
        try (RawServer server = answering("localhost")) {
            use(builder -> builder.tlsSocketStrategy(new DefaultClientTlsStrategy(CERTIFICATES.clientContext()) {
                @Override
                protected void initializeEngine(SSLEngine engine) {
                    called.add("engine");
                    engine.setEnabledProtocols(new String[] {"TLSv1.2"});
                }

                @Override
                protected void verifySession(String hostname, SSLSession session) {
                    called.add(hostname + " " + session.getProtocol());
                    throw new IllegalStateException("no good");
                }
            }));
            assertThat(failure(millpond.fetch(get(server))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no good");
            assertThat(called).containsExactly("engine", "localhost TLSv1.2");
            assertThat(server.awaitEnd()).isZero();
        }
    }

    @Test
    void aStrategyThatStartsNoTlsFailsTheFetch() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            use(builder -> builder.tlsStrategy((session, host, local, remote, attachment, timeout) -> false));
            assertThat(failure(millpond.fetch(get(server))))
                    .isInstanceOf(SSLException.class)
                    .hasMessage("tls strategy did not start tls");
            assertThat(server.awaitEnd()).isZero();
        }
    }

    private interface OnlySockets extends TlsSocketStrategy {}

    @Test
    void aStrategyThatCantBeHonouredIsRefusedAtOnce() {
        OnlySockets onlySockets = (socket, target, port, attachment, context) -> {
            throw new IOException("never");
        };
        MillpondBuilder builder = Millpond.builder();
        assertThatThrownBy(() -> builder.tlsSocketStrategy(onlySockets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tlsSocketStrategy: expected a DefaultClientTlsStrategy");
        TlsStrategy hooked = new DefaultClientTlsStrategy(CERTIFICATES.clientContext()) {
            @Override
            protected void initializeSocket(SSLSocket socket) {
                socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            }
        };
        assertThatThrownBy(() -> builder.tlsStrategy(hooked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overrides a method that configures an SSLSocket");
    }

    @Test
    void cancellingWhileAVerifierBlocksClosesTheConnection() throws Exception {
        CompletableFuture<Void> verifying = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        try (RawServer server = answering("localhost")) {
            use(builder -> builder.tlsSocketStrategy(new DefaultClientTlsStrategy(CERTIFICATES.clientContext()) {
                @Override
                protected void verifySession(String hostname, SSLSession session) {
                    verifying.complete(null);
                    cancelled.join();
                }
            }));
            CompletableFuture<?> future = millpond.fetch(get(server));
            verifying.get(30, TimeUnit.SECONDS);
            future.cancel(true);
            assertThat(server.awaitEnd()).isZero();
            cancelled.complete(null);
            assertThat(sessions).isEmpty();
            assertThat(millpond.stats().connectionsOpened()).isZero();
        }
    }
}
