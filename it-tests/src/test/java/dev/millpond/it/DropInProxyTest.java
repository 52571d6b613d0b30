package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.auth.CredentialsProviderBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Through proxies: with and without a tunnel, over TLS, with a login, SOCKS. */
@Timeout(60)
class DropInProxyTest extends DropInTestBase {

    private static final TestCertificates CERTIFICATES = new TestCertificates();

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private static PoolingHttpClientConnectionManagerBuilder trusting() {
        return MillpondConnectionManagerBuilder.create()
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(CERTIFICATES.clientContext()));
    }

    private static HttpClientBuilder through(HttpClientBuilder http, String scheme, RawServer proxy) {
        return http.setProxy(new HttpHost(scheme, "localhost", proxy.port()));
    }

    private static RawServer secured(RawServer.Script script) {
        return new RawServer(CERTIFICATES.serverContext("localhost").getServerSocketFactory(), script);
    }

    private static RawServer securedTarget() {
        return secured((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(OK);
            }
        });
    }

    private RawServer.Script tunneling(int port) {
        return (peer, connection) -> {
            asked.add(firstLine(peer.readRequest()));
            peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
            peer.tunnel(port);
        };
    }

    private static String firstLine(String request) {
        return request.substring(0, request.indexOf('\r'));
    }

    @Test
    void plainRequestsNameTheirTargetWhole() throws Exception {
        try (RawServer proxy = new RawServer((peer, connection) -> {
            for (int i = 0; i < 2; i++) {
                asked.add(firstLine(peer.readRequest()));
                peer.write(OK);
            }
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "http", proxy));
            for (int i = 0; i < 2; i++) {
                assertThat(body(execute(client, new HttpGet("http://somewhere.invalid/x"))))
                        .isEqualTo("hello");
            }
            assertThat(asked)
                    .containsExactly(
                            "GET http://somewhere.invalid/x HTTP/1.1", "GET http://somewhere.invalid/x HTTP/1.1");
        }
    }

    @Test
    void aTunnelCarriesTls() throws Exception {
        try (RawServer target = securedTarget();
                RawServer proxy = new RawServer(tunneling(target.port()))) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "http", proxy));
            HttpClientContext context = HttpClientContext.create();
            for (int i = 0; i < 3; i++) {
                assertThat(body(execute(client, new HttpGet("https://localhost:" + target.port() + "/"), context)))
                        .isEqualTo("hello");
                assertThat(context.getSSLSession().getPeerPrincipal().getName()).isEqualTo("CN=localhost");
            }
            assertThat(asked).containsExactly("CONNECT localhost:" + target.port() + " HTTP/1.1");
            assertThat(target.connections()).isEqualTo(1);
        }
    }

    @Test
    void aTunnelThroughAProxyThatIsSpokenToInTls() throws Exception {
        try (RawServer target = securedTarget();
                RawServer proxy = secured(tunneling(target.port()))) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "https", proxy));
            for (int i = 0; i < 3; i++) {
                assertThat(body(execute(client, new HttpGet("https://localhost:" + target.port() + "/"))))
                        .isEqualTo("hello");
            }
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    @Test
    void aProxyThatAsksForALoginGetsItOnTheSameConnection() throws Exception {
        try (RawServer target = securedTarget();
                RawServer proxy = new RawServer((peer, connection) -> {
                    String request = peer.readRequest();
                    asked.add(firstLine(request));
                    peer.write(
                            "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 2\r\n\r\nno");
                    assertThat(peer.readRequest()).contains("Proxy-Authorization: Basic dTpw");
                    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
                    peer.tunnel(target.port());
                })) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "http", proxy)
                    .setDefaultCredentialsProvider(CredentialsProviderBuilder.create()
                            .add(new AuthScope("localhost", proxy.port()), "u", "p".toCharArray())
                            .build()));
            assertThat(body(execute(client, new HttpGet("https://localhost:" + target.port() + "/"))))
                    .isEqualTo("hello");
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    /** Trap 7: the endpoint is discarded only if the response has an entity, even an empty one. */
    @Test
    void aTunnelThatIsRefusedIsAResponse() throws Exception {
        try (RawServer proxy = RawServer.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "http", proxy));
            for (int i = 0; i < 2; i++) {
                ClassicHttpResponse response = execute(client, new HttpGet("https://somewhere.invalid/"));
                assertThat(response.getCode()).isEqualTo(403);
                assertThat(manager.getTotalStats().getLeased()).isZero();
            }
            assertThat(proxy.connections()).isEqualTo(2);
        }
    }

    @Test
    void aProxyThatBreaksTheTunnelInTheHandshakeFailsTheRequest() throws Exception {
        try (RawServer proxy = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
            peer.read();
        })) {
            CloseableHttpClient client = client(trusting(), http -> through(http, "http", proxy));
            assertThatThrownBy(() -> execute(client, new HttpGet("https://somewhere.invalid/")))
                    .isInstanceOf(IOException.class);
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void aSocksProxyIsToldTheName() throws Exception {
        try (RawServer target = securedTarget();
                RawServer proxy = new RawServer((peer, connection) -> {
                    DataInputStream in = new DataInputStream(peer.in());
                    in.readByte();
                    in.readNBytes(in.readByte());
                    peer.write(new byte[] {5, 0});
                    assertThat(in.readNBytes(4)).containsExactly(5, 1, 0, 3);
                    asked.add(new String(in.readNBytes(in.readByte()), ISO_8859_1) + ":" + in.readUnsignedShort());
                    peer.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 80});
                    peer.tunnel(target.port());
                })) {
            CloseableHttpClient client = client(trusting()
                    .setDefaultSocketConfig(SocketConfig.custom()
                            .setSocksProxyAddress(new InetSocketAddress("localhost", proxy.port()))
                            .build()));
            for (int i = 0; i < 2; i++) {
                assertThat(body(execute(client, new HttpGet("https://localhost:" + target.port() + "/"))))
                        .isEqualTo("hello");
            }
            assertThat(asked).containsExactly("localhost:" + target.port());
        }
    }
}
