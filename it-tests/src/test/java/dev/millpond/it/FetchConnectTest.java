package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code fetch} connects: names, ports, addresses, sockets, timeouts, and whose connections are reused. */
@org.junit.jupiter.api.Timeout(60)
class FetchConnectTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

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

    private String body(String url) throws Exception {
        return body(new HttpGet(url));
    }

    private String body(HttpGet get) throws Exception {
        return EntityUtils.toString(
                millpond.fetch(get).get(30, TimeUnit.SECONDS).getEntity());
    }

    private static HttpGet get(String url, RequestConfig.Builder config) {
        HttpGet get = new HttpGet(url);
        get.setConfig(config.build());
        return get;
    }

    /** Names are what a test says, by code that may block. */
    private record Resolver(Resolution resolution) implements DnsResolver {

        private interface Resolution {
            InetAddress[] of(String host) throws UnknownHostException;
        }

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return resolution.of(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    @Test
    void aDnsResolverOfTheUsersIsAskedWhereItMayBlock() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        try (RawServer server = RawServer.answering(OK)) {
            use(builder -> builder.dnsResolver(new Resolver(host -> {
                asked.add(host + " " + AsyncCore.onEventLoop());
                return new InetAddress[] {InetAddress.getLoopbackAddress()};
            })));
            String url = "http://somewhere.invalid:" + server.port() + "/";
            assertThat(body(url)).isEqualTo("hello");
            assertThat(body(url)).isEqualTo("hello");
            assertThat(asked).containsExactly("somewhere.invalid false");
        }
    }

    @Test
    void aDnsResolverThatFindsNothingOrThrowsFailsTheFetch() {
        HttpGet get = new HttpGet("http://somewhere.invalid/");
        use(builder -> builder.dnsResolver(new InMemoryDnsResolver()));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("somewhere.invalid");
        use(builder -> builder.dnsResolver(new Resolver(host -> new InetAddress[0])));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("somewhere.invalid");
        use(builder -> builder.dnsResolver(new Resolver(host -> {
            throw new IllegalStateException("no good");
        })));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no good");
    }

    /** What blocks cannot be ended, but nobody waits for it. */
    @Test
    void aDnsResolverThatBlocksHoldsNobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        Resolver blocking = new Resolver(host -> {
            asked.add(host);
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new UnknownHostException(host);
        });
        String url = "http://somewhere.invalid/";
        use(builder -> builder.dnsResolver(blocking).connectTimeout(Duration.ofMillis(100)));
        assertThat(failure(millpond.fetch(new HttpGet(url))))
                .isInstanceOf(ConnectTimeoutException.class)
                .hasMessage("connect to somewhere.invalid:80 failed: connect timed out after 100ms:"
                        + " no answer to the look-up");
        use(builder -> builder.dnsResolver(blocking));
        assertThat(failure(millpond.fetch(get(url, timeout(RequestConfig.custom(), Timeout.ofMilliseconds(100))))))
                .isInstanceOf(ConnectTimeoutException.class)
                .hasMessageContaining("timed out after 100ms");
        use(builder -> builder.dnsResolver(blocking).responseDeadline(Duration.ofMillis(100)));
        assertThat(failure(millpond.fetch(new HttpGet(url)))).isInstanceOf(ResponseDeadlineException.class);
        use(builder -> builder.dnsResolver(blocking));
        CompletableFuture<?> cancelled = millpond.fetch(new HttpGet("http://last.invalid/"));
        FetchTest.await(() -> asked.contains("last.invalid"));
        cancelled.cancel(true);
        assertThat(millpond.stats().connectionsLeased()).isZero();
        release.countDown();
    }

    @Test
    void aConnectEndsAtItsTimeoutOrAtTheDeadline() throws Exception {
        try (ServerSocket silent = new ServerSocket();
                Socket one = new Socket();
                Socket two = new Socket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            // These fill its queue: a further SYN gets no answer.
            one.connect(silent.getLocalSocketAddress());
            two.connect(silent.getLocalSocketAddress());
            String url = "http://127.0.0.1:" + silent.getLocalPort() + "/";
            use(builder -> builder.responseDeadline(Duration.ofMillis(150)));
            assertThat(failure(millpond.fetch(new HttpGet(url))))
                    .isInstanceOf(ResponseDeadlineException.class)
                    .hasMessage("response not complete within 150 ms: not connected yet");
            use(builder -> builder.connectTimeout(Duration.ofMillis(100)).responseDeadline(Duration.ofSeconds(100)));
            assertThat(failure(millpond.fetch(new HttpGet(url))))
                    .isInstanceOf(ConnectTimeoutException.class)
                    .hasMessageContaining("connect timed out after 100ms");
        }
    }

    @SuppressWarnings("deprecation")
    private static RequestConfig.Builder timeout(RequestConfig.Builder config, Timeout timeout) {
        return config.setConnectTimeout(timeout);
    }

    @Test
    void aPortResolverOfTheUsersIsHonoured() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            use(builder -> builder.schemePortResolver(host -> server.port()));
            assertThat(body("http://localhost/")).isEqualTo("hello");
        }
    }

    @Test
    void aRoutesLocalAddressIsConnectedFrom() throws Exception {
        CompletableFuture<InetAddress> from = new CompletableFuture<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            from.complete(peer.socket().getInetAddress());
            peer.readRequest();
            peer.write(OK);
        })) {
            InetAddress local = InetAddress.getByName("127.0.0.7");
            use(builder -> builder.routePlanner(new DefaultRoutePlanner(null) {
                @Override
                protected InetAddress determineLocalAddress(HttpHost firstHop, HttpContext context) {
                    return local;
                }
            }));
            assertThat(body("http://127.0.0.1:" + server.port() + "/")).isEqualTo("hello");
            assertThat(from.get(30, TimeUnit.SECONDS)).isEqualTo(local);
        }
    }

    @Test
    void aUnixDomainSocketIsConnectedToAndKept(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("http.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            FutureTask<Void> serving = DropInTestBase.background(() -> {
                try (SocketChannel peer = server.accept()) {
                    for (int i = 0; i < 2; i++) {
                        peer.read(ByteBuffer.allocate(10_000));
                        peer.write(ByteBuffer.wrap(OK.getBytes(UTF_8)));
                    }
                    return null;
                }
            });
            for (int i = 0; i < 2; i++) {
                assertThat(body(get("http://localhost/", RequestConfig.custom().setUnixDomainSocket(path))))
                        .isEqualTo("hello");
            }
            serving.get(30, TimeUnit.SECONDS);
        }
        assertThat(failure(millpond.fetch(get(
                        "http://localhost/", RequestConfig.custom().setUnixDomainSocket(directory.resolve("none"))))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.resolve("none").toString());
    }

    @Test
    void aUnixDomainSocketBehindAProxyIsRefusedAsInApachesClient(@TempDir Path directory) {
        use(builder -> builder.proxy(new HttpHost("localhost", 1)));
        assertThat(failure(millpond.fetch(
                        get("http://localhost/", RequestConfig.custom().setUnixDomainSocket(directory.resolve("x"))))))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aSocksProxyIsToldTheName() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        try (RawServer target = RawServer.answering(OK);
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
            use(builder -> builder.socketConfig(SocketConfig.custom()
                    .setSocksProxyAddress(InetSocketAddress.createUnresolved("localhost", proxy.port()))
                    .build()));
            for (int i = 0; i < 2; i++) {
                assertThat(body("http://somewhere.invalid/")).isEqualTo("hello");
            }
            assertThat(asked).containsExactly("somewhere.invalid:80");
        }
    }

    @Test
    void aSocksProxyThatRefusesFailsTheFetch() throws Exception {
        try (RawServer proxy = new RawServer((peer, connection) -> {
            DataInputStream in = new DataInputStream(peer.in());
            in.readNBytes(3);
            peer.write(new byte[] {5, (byte) 0xFF});
            peer.awaitClose();
        })) {
            use(builder -> builder.socketConfigResolver(route -> SocketConfig.custom()
                    .setSocksProxyAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))
                    .build()));
            assertThat(failure(millpond.fetch(new HttpGet("http://somewhere.invalid/"))))
                    .isInstanceOf(HttpHostConnectException.class);
            assertThat(proxy.awaitEnd()).isZero();
        }
    }

    @Test
    void theSocketTimeoutIsTheRequestsElseTheConnectionsElseTheSockets() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            SocketConfig socket = SocketConfig.custom()
                    .setSoTimeout(100, TimeUnit.MILLISECONDS)
                    .build();
            ConnectionConfig connection = ConnectionConfig.custom()
                    .setSocketTimeout(110, TimeUnit.MILLISECONDS)
                    .build();
            use(builder -> builder.socketConfig(socket));
            assertThat(failure(millpond.fetch(new HttpGet(server.url())))).hasMessageStartingWith("no byte for 100 ms");
            use(builder -> builder.socketConfig(socket).connectionConfigResolver(route -> connection));
            assertThat(failure(millpond.fetch(new HttpGet(server.url())))).hasMessageStartingWith("no byte for 110 ms");
            assertThat(failure(millpond.fetch(
                            get(server.url(), RequestConfig.custom().setResponseTimeout(120, TimeUnit.MILLISECONDS)))))
                    .hasMessageStartingWith("no byte for 120 ms");
        }
    }

    private int connectionsForTwo(ConnectionConfig config) throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            use(builder -> builder.connectionConfigResolver(route -> config));
            body(server.url());
            if (config != null && TimeValue.isPositive(config.getIdleTimeout())) {
                long idleUntil =
                        System.currentTimeMillis() + config.getIdleTimeout().toMilliseconds();
                FetchTest.await(() -> System.currentTimeMillis() > idleUntil);
            }
            body(server.url());
            return server.connections();
        }
    }

    @Test
    void aConnectionIsKeptForItsTimeToLiveAndItsIdleTimeoutAtMost() throws Exception {
        assertThat(connectionsForTwo(null)).isEqualTo(1);
        assertThat(connectionsForTwo(ConnectionConfig.custom()
                        .setTimeToLive(1, TimeUnit.HOURS)
                        .setIdleTimeout(Timeout.DISABLED)
                        .build()))
                .isEqualTo(1);
        assertThat(connectionsForTwo(ConnectionConfig.custom()
                        .setTimeToLive(TimeValue.ZERO_MILLISECONDS)
                        .build()))
                .isEqualTo(2);
        assertThat(connectionsForTwo(ConnectionConfig.custom()
                        .setIdleTimeout(1, TimeUnit.MILLISECONDS)
                        .build()))
                .isEqualTo(2);
    }

    @Test
    void aConnectionOfOneUserIsNotForAnother() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            use(builder -> builder.routePlanner((host, context) -> {
                HttpClientContext client = HttpClientContext.cast(context);
                client.setUserToken(client.getRequestConfig().getCookieSpec());
                return new HttpRoute(host);
            }));
            for (String user : List.of("alice", "bob", "alice", "bob", "bob")) {
                body(get(server.url(), RequestConfig.custom().setCookieSpec(user)));
            }
            assertThat(server.connections()).isEqualTo(2);
            // Nobody gets neither's.
            body(server.url());
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @Test
    void closingEndsAllConnections() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            use(builder ->
                    builder.dnsResolver(new Resolver(host -> new InetAddress[] {InetAddress.getLoopbackAddress()})));
            body("http://a.invalid:" + server.port() + "/");
            millpond.close();
            assertThat(server.awaitEnd()).isZero();
        }
    }
}
