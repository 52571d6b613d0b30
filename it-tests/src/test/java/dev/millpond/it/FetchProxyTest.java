package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.apache.hc.client5.http.impl.auth.BasicAuthCache;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.auth.CredentialsProviderBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code fetch} through proxies: tunnels, TLS within and around them, logins, and what can go wrong at each step. */
@Timeout(60)
class FetchProxyTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";
    private static final String LOGIN =
            "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 2\r\n\r\nno";
    private static final String LOGIN_AND_CLOSE = LOGIN.replace("Login\r\n", "Login\r\nConnection: close\r\n");
    private static final String SECRET = "dTpw";

    private static final TestCertificates CERTIFICATES = new TestCertificates();

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Millpond millpond = Millpond.create();

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
        millpond.close();
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    private RawServer server(RawServer.Script script) {
        RawServer server = new RawServer(script);
        toClose.add(server);
        return server;
    }

    private RawServer secured(String name, RawServer.Script script) {
        RawServer server = new RawServer(CERTIFICATES.serverContext(name).getServerSocketFactory(), script);
        toClose.add(server);
        return server;
    }

    private RawServer target(String name) {
        return secured(name, (peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(OK);
            }
        });
    }

    /** A proxy that answers one CONNECT after the other, and becomes a tunnel after the last. */
    private RawServer.Script answering(int port, String... answers) {
        return (peer, connection) -> {
            for (String answer : answers) {
                asked.add(peer.readRequest());
                peer.write(answer);
            }
            peer.tunnel(port);
        };
    }

    private void use(UnaryOperator<MillpondBuilder> settings) {
        millpond.close();
        millpond = settings.apply(Millpond.builder()
                        .sslContext(CERTIFICATES.clientContext())
                        .socketTimeout(Duration.ofSeconds(20)))
                .build();
    }

    private void through(RawServer proxy) {
        through(proxy, builder -> builder);
    }

    private void through(RawServer proxy, UnaryOperator<MillpondBuilder> settings) {
        use(builder -> settings.apply(builder.proxy(host(proxy))));
    }

    private static HttpHost host(RawServer proxy) {
        return new HttpHost("http", "localhost", proxy.port());
    }

    private static CredentialsProvider login(RawServer proxy) {
        return CredentialsProviderBuilder.create()
                .add(new AuthScope("localhost", proxy.port()), "u", "p".toCharArray())
                .build();
    }

    private static HttpGet get(RawServer target) {
        return new HttpGet("https://localhost:" + target.port() + "/");
    }

    private CompletableFuture<ClassicHttpResponse> fetch(RawServer target) {
        return millpond.fetch(get(target));
    }

    private static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(response.get(30, TimeUnit.SECONDS).getEntity());
    }

    @Test
    void aTunnelCarriesTlsForManyRequests() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        through(proxy);
        for (int i = 0; i < 3; i++) {
            assertThat(body(fetch(target))).isEqualTo("hello");
        }
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0))
                .matches("CONNECT localhost:%1$d HTTP/1.1\r\nHost: localhost:%1$d\r\nUser-Agent: Millpond[^\r]*\r\n\r\n"
                        .formatted(target.port()));
        assertThat(millpond.stats().connectionsOpened()).isEqualTo(1);
        assertThat(millpond.stats().connectionsReused()).isEqualTo(2);
    }

    @Test
    void aProxyCanBeSpokenToInTlsToo() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = secured("localhost", answering(target.port(), ESTABLISHED));
        use(builder -> builder.proxy(new HttpHost("https", "localhost", proxy.port())));
        for (int i = 0; i < 3; i++) {
            assertThat(body(fetch(target))).isEqualTo("hello");
        }
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(target.connections()).isEqualTo(1);
    }

    @Test
    void theNameOfAProxyIsVerified() {
        RawServer proxy = secured("other.example", answering(1, ESTABLISHED));
        use(builder -> builder.proxy(new HttpHost("https", "localhost", proxy.port())));
        assertThat(failure(millpond.fetch(new HttpGet("https://somewhere.invalid/"))))
                .isInstanceOf(SSLHandshakeException.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void theNameOfTheTargetIsVerifiedThroughTheTunnel() {
        RawServer target = target("other.example");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        through(proxy);
        assertThat(failure(fetch(target)))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("localhost");
        assertThat(millpond.stats().connectionsOpened()).isZero();
    }

    @Test
    void aLoginTakesPlaceOnTheSameConnectionIfThatStaysOpen() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(target.port(), LOGIN, ESTABLISHED));
        through(proxy, builder -> builder.credentialsProvider(login(proxy)));
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(asked).hasSize(2);
        assertThat(asked.get(0)).doesNotContain("Proxy-Authorization");
        assertThat(asked.get(1)).contains("\r\nProxy-Authorization: Basic " + SECRET + "\r\n");
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void aProxyThatClosesAfterAskingForALoginIsConnectedToAgain() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server((peer, connection) -> {
            asked.add(peer.readRequest());
            if (connection == 0) {
                peer.write(LOGIN_AND_CLOSE);
            } else {
                peer.write(ESTABLISHED);
                peer.tunnel(target.port());
            }
        });
        through(proxy, builder -> builder.credentialsProvider(login(proxy)));
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(asked.get(1)).contains(SECRET);
        assertThat(proxy.connections()).isEqualTo(2);
        assertThat(millpond.stats().connectionsOpened()).isEqualTo(1);
    }

    /** A race that a proxy with a short keep-alive loses often. */
    @Test
    void aProxyThatClosesWithoutHavingSaidSoIsConnectedToAgain() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server((peer, connection) -> {
            asked.add(peer.readRequest());
            if (connection == 0) {
                peer.write(LOGIN);
                peer.readRequest();
                peer.reset();
            } else {
                peer.write(ESTABLISHED);
                peer.tunnel(target.port());
            }
        });
        through(proxy, builder -> builder.credentialsProvider(login(proxy)));
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(asked.get(1)).contains(SECRET);
    }

    @Test
    void aDigestLoginIsAnsweredWithADigestOfTheAuthority() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(
                target.port(),
                "HTTP/1.1 407 Login\r\nProxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n",
                ESTABLISHED));
        through(proxy, builder -> builder.credentialsProvider(login(proxy)));
        assertThat(body(fetch(target))).isEqualTo("hello");
        String authority = "localhost:" + target.port();
        String answer = asked.get(1);
        assertThat(parameter(answer, "uri")).isEqualTo(authority);
        assertThat(parameter(answer, "response"))
                .isEqualTo(md5(md5("u:p:p") + ":n:" + parameter(answer, "nc") + ":" + parameter(answer, "cnonce")
                        + ":auth:" + md5("CONNECT:" + authority)));
    }

    private static String parameter(String request, String name) {
        Matcher matcher =
                Pattern.compile("Digest .*\\b" + name + "=\"?([^\",\r]*)").matcher(request);
        assertThat(matcher.find()).as(request).isTrue();
        return matcher.group(1);
    }

    private static String md5(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(ISO_8859_1)));
    }

    @Test
    void aLoginThatIsKnownIsSentBeforeItIsAskedFor() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        BasicScheme known = new BasicScheme();
        known.initPreemptive(new UsernamePasswordCredentials("u", "p".toCharArray()));
        BasicAuthCache cache = new BasicAuthCache();
        cache.put(host(proxy), known);
        HttpRoutePlanner planner = (host, context) -> {
            HttpClientContext.cast(context).setAuthCache(cache);
            return new HttpRoute(host, null, host(proxy), true);
        };
        use(builder -> builder.routePlanner(planner));
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0)).contains(SECRET);
    }

    /** What proxies say instead of making a tunnel, and whether there is a login for them. */
    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("HTTP/1.1 403 Forbidden\r\nX: y\r\nContent-Length: 4\r\n\r\nnope", true),
                Arguments.of("HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n", true),
                Arguments.of("HTTP/1.0 500 Bad\r\n\r\nnope", true),
                Arguments.of("HTTP/1.1 204 No Content\r\n\r\n", true),
                Arguments.of(LOGIN, true),
                Arguments.of(LOGIN, false),
                Arguments.of(LOGIN_AND_CLOSE, true),
                Arguments.of("HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n", true),
                Arguments.of(
                        "HTTP/1.1 407 Login\r\nProxy-Authenticate: Unheard-of\r\nContent-Length: 0\r\n\r\n", true));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aTunnelThatIsRefusedIsTheResponseAsInApachesClient(String refusal, boolean known) throws Exception {
        RawServer proxy = server((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                asked.add(request.replaceAll("User-Agent: [^\r]*", "User-Agent: x"));
                peer.write(refusal);
                if (refusal.contains("close") || refusal.startsWith("HTTP/1.0")) {
                    return;
                }
            }
        });
        CredentialsProvider credentials =
                known ? login(proxy) : CredentialsProviderBuilder.create().build();
        HttpGet get = new HttpGet("https://somewhere.invalid/");
        String expected;
        try (CloseableHttpClient apache = HttpClients.custom()
                .setProxy(host(proxy))
                .setDefaultCredentialsProvider(credentials)
                .disableAutomaticRetries()
                .build()) {
            expected = apache.execute(get, FetchProxyTest::describe);
        }
        List<String> expectedRequests = List.copyOf(asked);
        asked.clear();
        through(proxy, builder -> builder.credentialsProvider(credentials));
        for (int i = 0; i < 2; i++) {
            assertThat(describe(millpond.fetch(get).get(30, TimeUnit.SECONDS))).isEqualTo(expected);
            assertThat(asked).containsExactlyElementsOf(expectedRequests);
            asked.clear();
        }
        assertThat(millpond.stats().connectionsLeased()).isZero();
    }

    private static String describe(ClassicHttpResponse response) throws HttpException, IOException {
        String body = response.getEntity() == null ? "" : EntityUtils.toString(response.getEntity());
        return response.getCode() + " " + response.getReasonPhrase() + " " + List.of(response.getHeaders()) + body;
    }

    @Test
    void whereAuthenticationIsDisabledNobodyLogsIn() throws Exception {
        RawServer proxy = server(answering(1, LOGIN));
        through(proxy, builder -> builder.credentialsProvider(login(proxy)));
        HttpGet get = new HttpGet("https://somewhere.invalid/");
        get.setConfig(RequestConfig.custom().setAuthenticationEnabled(false).build());
        assertThat(millpond.fetch(get).get(30, TimeUnit.SECONDS).getCode()).isEqualTo(407);
        assertThat(asked).hasSize(1);
    }

    @Test
    void anAnswerThatIsNoneToConnectFails() {
        RawServer proxy = server(answering(1, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"));
        through(proxy);
        assertThat(failure(millpond.fetch(new HttpGet("https://somewhere.invalid/"))))
                .isInstanceOf(HttpException.class)
                .hasMessage("unexpected response to CONNECT: HTTP/1.1 101 Switching");
    }

    @Test
    void interimResponsesToConnectAreSkipped() throws Exception {
        RawServer target = target("localhost");
        through(server(answering(target.port(), "HTTP/1.1 100 Continue\r\n\r\n" + ESTABLISHED)));
        assertThat(body(fetch(target))).isEqualTo("hello");
    }

    @Test
    void aProxyThatClosesMisbehavesOrIsNotThereFailsTheFetch() throws Exception {
        HttpGet get = new HttpGet("https://somewhere.invalid/");
        RawServer closing = server((peer, connection) -> peer.readRequest());
        through(closing);
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(NoHttpResponseException.class)
                .hasMessage("localhost:" + closing.port() + " failed to respond");

        through(server((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno");
        }));
        assertThat(failure(millpond.fetch(get))).isInstanceOf(IncompleteResponseException.class);

        through(server(answering(1, "SSH-2.0-x\r\n\r\n")));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(ProtocolException.class)
                .hasCauseInstanceOf(MalformedResponseException.class);

        // Bytes that belong to nothing: they must not be taken for the target's.
        through(server((peer, connection) -> {
            peer.readRequest();
            peer.write(ESTABLISHED + "surplus");
            peer.awaitClose();
        }));
        assertThat(failure(millpond.fetch(get))).isInstanceOf(IOException.class);

        through(server((peer, connection) -> {
            peer.readRequest();
            peer.write(ESTABLISHED);
        }));
        assertThat(failure(millpond.fetch(get))).isInstanceOf(IOException.class);

        try (RefusingPort port = new RefusingPort()) {
            use(builder -> builder.proxy(new HttpHost("http", "localhost", port.number())));
            assertThat(failure(millpond.fetch(get)))
                    .isInstanceOf(HttpHostConnectException.class)
                    .hasMessageContaining("localhost:" + port.number());
        }
    }

    /** Silent when asked for a tunnel, and silent in the tunnel. */
    static Stream<String> silences() {
        return Stream.of("", ESTABLISHED);
    }

    private RawServer silent(String first, CountDownLatch reached) {
        return server((peer, connection) -> {
            peer.readRequest();
            peer.write(first);
            if (!first.isEmpty()) {
                peer.read();
            }
            reached.countDown();
            peer.awaitClose();
        });
    }

    @ParameterizedTest
    @MethodSource("silences")
    void theDeadlineHoldsWhereAProxyIsSilent(String first) throws Exception {
        RawServer proxy = silent(first, new CountDownLatch(1));
        through(proxy, builder -> builder.responseDeadline(Duration.ofSeconds(2)));
        assertThat(failure(millpond.fetch(new HttpGet("https://somewhere.invalid/"))))
                .isInstanceOf(ResponseDeadlineException.class);
        assertThat(proxy.awaitEnd()).isZero();
    }

    @ParameterizedTest
    @MethodSource("silences")
    void cancellingEndsTheConnectionWhereAProxyIsSilent(String first) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        RawServer proxy = silent(first, reached);
        through(proxy);
        CompletableFuture<ClassicHttpResponse> future = millpond.fetch(new HttpGet("https://somewhere.invalid/"));
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        future.cancel(true);
        assertThat(proxy.awaitEnd()).isZero();
    }

    @ParameterizedTest
    @MethodSource("silences")
    void closingMillpondEndsTheConnectionWhereAProxyIsSilent(String first) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        RawServer proxy = silent(first, reached);
        through(proxy);
        CompletableFuture<ClassicHttpResponse> future = millpond.fetch(new HttpGet("https://somewhere.invalid/"));
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        millpond.close();
        assertThat(failure(future)).hasMessage("millpond is closed");
        assertThat(proxy.awaitEnd()).isZero();
    }

    @Test
    void theSocketTimeoutHoldsForTheAnswerToConnect() throws Exception {
        RawServer proxy = silent("", new CountDownLatch(1));
        through(proxy, builder -> builder.socketTimeout(Duration.ofMillis(200)));
        assertThat(failure(millpond.fetch(new HttpGet("https://somewhere.invalid/"))))
                .isInstanceOf(SocketTimeoutException.class)
                .isNotInstanceOf(ConnectTimeoutException.class)
                .hasMessageStartingWith("no byte for 200 ms (socketTimeout)");
        assertThat(proxy.awaitEnd()).isZero();
    }

    @Test
    void theResponseTimeoutHoldsForTheAnswerToConnect() throws Exception {
        RawServer proxy = silent("", new CountDownLatch(1));
        through(proxy);
        HttpGet get = new HttpGet("https://somewhere.invalid/");
        get.setConfig(RequestConfig.custom()
                .setResponseTimeout(200, TimeUnit.MILLISECONDS)
                .build());
        assertThat(failure(millpond.fetch(get))).hasMessageStartingWith("no byte for 200 ms (socketTimeout)");
        assertThat(proxy.awaitEnd()).isZero();
    }

    @Test
    void theHandshakeTimeoutHoldsInTheTunnel() throws Exception {
        RawServer proxy = silent(ESTABLISHED, new CountDownLatch(1));
        through(
                proxy,
                builder -> builder.tlsConfig(TlsConfig.custom()
                        .setHandshakeTimeout(200, TimeUnit.MILLISECONDS)
                        .build()));
        assertThat(failure(millpond.fetch(new HttpGet("https://somewhere.invalid/"))))
                .isInstanceOf(ConnectTimeoutException.class)
                .hasMessage("connect to somewhere.invalid:443 failed: tls handshake timed out after 200ms");
        assertThat(proxy.awaitEnd()).isZero();
    }

    @Test
    void theRequestsConfigurationNamesAProxyOfItsOwn() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        use(builder -> builder);
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(body(millpond.fetch(configured(target, proxy)))).isEqualTo("hello");
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(asked).hasSize(1);
        assertThat(target.connections()).isEqualTo(2);
    }

    @SuppressWarnings("deprecation")
    private static HttpGet configured(RawServer target, RawServer proxy) {
        HttpGet get = get(target);
        get.setConfig(RequestConfig.custom().setProxy(host(proxy)).build());
        return get;
    }

    @Test
    void aPlannerMayTunnelWithoutTls() throws Exception {
        RawServer target = server((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(OK);
            }
        });
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        HttpRoutePlanner planner = (host, context) -> new HttpRoute(
                host, null, host(proxy), false, RouteInfo.TunnelType.TUNNELLED, RouteInfo.LayerType.PLAIN);
        use(builder -> builder.routePlanner(planner));
        for (int i = 0; i < 2; i++) {
            assertThat(body(millpond.fetch(new HttpGet(target.url())))).isEqualTo("hello");
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void aPlannerCanFailAFetch() {
        HttpGet get = new HttpGet("http://localhost:1/");
        use(builder -> builder.routePlanner((host, context) -> {
            throw new HttpException("no way");
        }));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(HttpException.class)
                .hasMessage("no way");
        use(builder -> builder.routePlanner((host, context) -> {
            throw new IllegalStateException("no way");
        }));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no way");
        use(builder -> builder.routePlanner((host, context) -> null));
        assertThat(failure(millpond.fetch(get))).hasMessage("route planner: expected a route, got null");
        HttpHost[] chain = {new HttpHost("a.invalid", 1), new HttpHost("b.invalid", 1)};
        RawServer proxy = server((peer, connection) -> peer.awaitClose());
        chain[0] = host(proxy);
        use(builder -> builder.routePlanner((host, context) ->
                new HttpRoute(host, null, chain, false, RouteInfo.TunnelType.TUNNELLED, RouteInfo.LayerType.PLAIN)));
        assertThat(failure(millpond.fetch(get)))
                .isInstanceOf(HttpException.class)
                .hasMessageStartingWith("route: expected one proxy at most");
    }

    @Test
    void aProxySelectorIsAskedForEachTarget() throws Exception {
        RawServer target = target("localhost");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        List<URI> targets = new CopyOnWriteArrayList<>();
        use(builder -> builder.proxySelector(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                targets.add(uri);
                return uri.getHost().equals("localhost")
                        ? List.of(new Proxy(
                                Proxy.Type.HTTP, InetSocketAddress.createUnresolved("localhost", proxy.port())))
                        : List.of(Proxy.NO_PROXY);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        }));
        assertThat(body(fetch(target))).isEqualTo("hello");
        assertThat(failure(millpond.fetch(new HttpGet("https://127.0.0.1:" + target.port() + "/"))))
                .isInstanceOf(SSLHandshakeException.class);
        assertThat(targets).extracting(URI::getHost).containsExactly("localhost", "127.0.0.1");
        assertThat(asked).hasSize(1);
    }

    @Test
    void systemPropertiesCountOnlyWhereTheyAreToldTo() throws Exception {
        RawServer target = target("somewhere.invalid");
        RawServer proxy = server(answering(target.port(), ESTABLISHED));
        System.setProperty("https.proxyHost", "localhost");
        System.setProperty("https.proxyPort", String.valueOf(proxy.port()));
        try {
            HttpGet get = new HttpGet("https://somewhere.invalid/");
            use(builder -> builder.dnsResolver(new InMemoryDnsResolver()));
            assertThat(failure(millpond.fetch(get))).isInstanceOf(UnknownHostException.class);
            use(MillpondBuilder::useSystemProperties);
            assertThat(body(millpond.fetch(get))).isEqualTo("hello");
            assertThat(asked).hasSize(1);
        } finally {
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
        }
    }

    @Test
    void agentKeepAliveAndAuthenticatorOfTheSystemToo() throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        RawServer target = server((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write(
                        request.contains("\r\nAuthorization: ")
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                                : "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
            }
        });
        System.setProperty("http.agent", "of the system");
        System.setProperty("http.keepAlive", "false");
        Authenticator.setDefault(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("user", "secret".toCharArray());
            }
        });
        try {
            use(UnaryOperator.identity());
            assertThat(millpond.fetch(new HttpGet(target.url()))
                            .get(30, TimeUnit.SECONDS)
                            .getCode())
                    .isEqualTo(401);
            use(MillpondBuilder::useSystemProperties);
            assertThat(body(millpond.fetch(new HttpGet(target.url())))).isEqualTo("hello");
            assertThat(target.connections()).isEqualTo(3);
            assertThat(requests.get(0)).contains("\r\nUser-Agent: Millpond");
            assertThat(requests.get(2)).contains("\r\nUser-Agent: of the system\r\n");
        } finally {
            System.clearProperty("http.agent");
            System.clearProperty("http.keepAlive");
            Authenticator.setDefault(null);
        }
    }
}
