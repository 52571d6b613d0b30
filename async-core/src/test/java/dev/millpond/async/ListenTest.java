package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both sides are sockets of the core here. */
class ListenTest extends AsyncCoreTestBase {

    private static final Certificates AUTHORITY = new Certificates();
    private static final ListenOptions ANY_PORT = ListenOptions.on(new InetSocketAddress(LOOPBACK, 0));

    @TempDir
    private Path directory;

    private final Accepted accepted = new Accepted();

    private AsyncSocket connect(AsyncCore core, AsyncServer server) throws Exception {
        return get(core.connect(ConnectOptions.to("127.0.0.1", server.port())));
    }

    private static TlsOptions client() throws Exception {
        return TlsOptions.client(AUTHORITY.client(), "localhost", 443);
    }

    private static TlsOptions server() throws Exception {
        return TlsOptions.server(AUTHORITY.both("localhost"));
    }

    private static void talk(AsyncSocket one, AsyncSocket other) throws Exception {
        Recorder recorder = new Recorder();
        Recorder otherRecorder = new Recorder();
        one.listener(recorder);
        other.listener(otherRecorder);
        one.resume();
        other.resume();
        one.write(bytes("question"));
        otherRecorder.awaitText("question");
        other.write(bytes("answer"));
        recorder.awaitText("answer");
        other.close();
        recorder.awaitEnd();
        one.close();
        get(one.closed());
        get(other.closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aUnixDomainServerAcceptsAndLeavesNoFile(String transport) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("a.sock"));
        AsyncCore core = core(transport);
        AsyncServer server = get(core.listen(ListenOptions.on(address), accepted::add));
        assertThat(server.localAddress()).isEqualTo(address);
        assertThatThrownBy(server::port)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no port: listening on " + address);
        assertThat(failureOf(core.listen(ListenOptions.on(address), accepted::add)))
                .isInstanceOf(BindException.class)
                .hasMessage("cannot listen on " + address + ": address already in use");
        AsyncSocket client = get(core.connect(ConnectOptions.to(address)));
        AsyncSocket other = accepted.next();
        assertThat(other.localAddress()).isEqualTo(address);
        server.close();
        eventually(() -> assertThat(address.getPath()).doesNotExist());
        // The connection lives on.
        talk(client, other);
        assertThat(core.stats().accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theBacklogIsTheListenersOwn(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        AsyncServer server = get(core.listen(ANY_PORT.backlog(2), accepted::add));
        CompletableFuture<Void> busy = new CompletableFuture<>();
        core.execute(busy::join);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10; i++) {
                        closing(new Socket()).connect(server.localAddress(), 200);
                    }
                })
                .as("nobody accepts, and few may wait")
                .isInstanceOf(SocketTimeoutException.class);
        busy.complete(null);
        assertThatThrownBy(() -> ANY_PORT.backlog(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backlog: expected at least 1, got 0");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSecureServerHandsSecuredSocketsOver(String transport) throws Exception {
        AsyncCore core = core(transport);
        AsyncServer server = get(core.listen(ANY_PORT.tls(server().applicationProtocols("two", "one")), accepted::add));
        AsyncSocket client = connect(core, server);
        get(client.startTls(client().applicationProtocols("one", "two")));
        AsyncSocket other = accepted.next();
        assertThat(other.tlsSession()).isNotNull();
        assertThat(List.of(String.valueOf(client.applicationProtocol()), String.valueOf(other.applicationProtocol())))
                .as("as the server prefers")
                .containsExactly("two", "two");
        talk(client, other);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void withoutAlpnThereIsNoProtocol(String transport) throws Exception {
        AsyncCore core = core(transport);
        AsyncServer server = get(core.listen(ANY_PORT.tls(server().applicationProtocols("one")), accepted::add));
        AsyncSocket client = connect(core, server);
        assertThat(client.applicationProtocol()).isNull();
        get(client.startTls(client()));
        assertThat(client.applicationProtocol()).isNull();
        assertThat(accepted.next().applicationProtocol()).isNull();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void noCommonProtocolFailsTheHandshake(String transport) throws Exception {
        AsyncCore core = core(transport);
        AsyncServer server = get(core.listen(ANY_PORT.tls(server().applicationProtocols("one")), accepted::add));
        AsyncSocket client = connect(core, server);
        assertThat(failureOf(client.startTls(client().applicationProtocols("two"))))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("no_application_protocol");
        eventually(() -> assertThat(core.stats().open()).isZero());
        assertThat(accepted).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClientThatMustShowACertificateDoes(String transport) throws Exception {
        AsyncCore core = core(transport);
        AsyncServer server = get(
                core.listen(ANY_PORT.tls(server().clientAuthentication(ClientAuthentication.REQUIRED)), accepted::add));
        AsyncSocket client = connect(core, server);
        get(client.startTls(TlsOptions.client(AUTHORITY.both("me.invalid"), "localhost", 443)));
        AsyncSocket other = accepted.next();
        X509Certificate shown = (X509Certificate)
                java.util.Objects.requireNonNull(other.tlsSession()).getPeerCertificates()[0];
        assertThat(shown.getSubjectAlternativeNames().toString()).contains("me.invalid");
        talk(client, other);
    }

    @ParameterizedTest
    @EnumSource(
            value = ClientAuthentication.class,
            names = {"OPTIONAL", "REQUIRED"})
    void aClientWithoutACertificateGetsInWhereItMay(ClientAuthentication wanted) throws Exception {
        AsyncCore core = core("epoll");
        AsyncServer server = get(core.listen(ANY_PORT.tls(server().clientAuthentication(wanted)), accepted::add));
        AsyncSocket client = connect(core, server);
        Recorder recorder = new Recorder();
        client.listener(recorder);
        client.resume();
        CompletableFuture<?> handshake = client.startTls(client());
        if (wanted == ClientAuthentication.OPTIONAL) {
            get(handshake);
            AsyncSocket other = accepted.next();
            assertThatThrownBy(() ->
                            java.util.Objects.requireNonNull(other.tlsSession()).getPeerCertificates())
                    .isInstanceOf(SSLPeerUnverifiedException.class);
        } else {
            // With TLS 1.3 the client is done before the server has looked.
            assertThat(recorder.awaitFailure()).isInstanceOf(SSLException.class);
            assertThat(accepted).isEmpty();
        }
    }

    @Test
    void aClientCannotAskForCertificates() throws Exception {
        TlsOptions client = client();
        assertThatThrownBy(() -> client.clientAuthentication(ClientAuthentication.REQUIRED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clientAuthentication: only a server can ask for it");
        assertThatThrownBy(() -> ANY_PORT.tls(client)).isInstanceOf(IllegalArgumentException.class);
    }
}
