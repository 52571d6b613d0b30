package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.ConnectionShutdownException;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.impl.auth.BasicAuthCache;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chain of stages does beyond what {@link FetchLikeApacheTest} compares. */
@Timeout(60)
class FetchChainTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String LATER = "HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 4\r\n\r\nlate";

    private final Millpond millpond = Millpond.create();

    @AfterEach
    void close() {
        millpond.close();
    }

    // Retries.

    @Test
    void cancellingWhileItWaitsToRetryEndsAll() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            await(() ->
                    millpond.stats().connectionsIdle() == 1 && millpond.stats().memoryUsed() == 0);
            waiting.cancel(true);
            assertThatThrownBy(waiting::join).isInstanceOf(CancellationException.class);
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void closingWhileItWaitsToRetryFailsIt() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            await(() -> millpond.stats().connectionsIdle() == 1);
            millpond.close();
            assertThat(failure(waiting)).isInstanceOf(ConnectionShutdownException.class);
        }
    }

    @Test
    void theDeadlineCoversTheWaitToRetry() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            assertThat(failure(
                            millpond.fetch(get(server), FetchOptions.defaults().deadline(Duration.ofSeconds(2)))))
                    .isInstanceOf(ResponseDeadlineException.class)
                    .hasMessage(
                            "response not complete within 2 s (responseDeadline): waiting to send the request again");
        }
    }

    @Test
    void aTruncatedResponseIsFetchedAgainIfTheRequestIsIdempotent() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write(connection == 0 ? OK.substring(0, OK.length() - 2) : OK);
                });
                Millpond hasty = Millpond.builder()
                        .retryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ZERO_MILLISECONDS))
                        .build()) {
            assertThat(body(hasty.fetch(get(server)))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aResponseThatIsNotWantedGivesItsMemoryBack() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            for (int i = 0; !peer.readRequest().isEmpty(); i++) {
                peer.write(i < 3 ? "HTTP/1.1 302 Found\r\nLocation: /" + i + "\r\nContent-Length: 5\r\n\r\nthere" : OK);
            }
        })) {
            millpond.fetch(get(server)).join().close();
            assertThat(millpond.stats().memoryUsed()).isZero();
        }
    }

    // Redirects.

    @Test
    void credentialsForAProxyDoNotFollowARedirectToAnotherOrigin() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer other = recording(requests, OK);
                RawServer server = RawServer.answering(
                        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url("/x") + "\r\n\r\n")) {
            ClassicHttpRequest request = ClassicRequestBuilder.get(server.url())
                    .addHeader("Proxy-Authorization", "Basic secret")
                    .addHeader("X-Mine", "1")
                    .build();
            assertThat(body(millpond.fetch(request))).isEqualTo("hello");
            assertThat(requests.take()).contains("X-Mine: 1").doesNotContain("secret");
        }
    }

    @Test
    void redirectsRetriesCookiesAndDecodingCanBeTurnedOff() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        byte[] zipped = gzip("hello".getBytes(ISO_8859_1));
        try (RawServer server = new RawServer((peer, connection) -> {
                    for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                        requests.add(request);
                        peer.write("HTTP/1.1 " + request.split("[/ ]", -1)[2]
                                + " X\r\nSet-Cookie: a=b\r\nLocation: /\r\nContent-Encoding: gzip\r\nContent-Length: "
                                + zipped.length + "\r\n\r\n");
                        peer.write(zipped);
                    }
                });
                Millpond plain = Millpond.builder()
                        .disableRedirects()
                        .disableRetries()
                        .disableCookies()
                        .disableContentDecoding()
                        .build()) {
            for (int status : new int[] {302, 503, 200}) {
                ClassicHttpResponse response = plain.fetch(ClassicRequestBuilder.get(server.url("/" + status))
                                .build())
                        .get(30, TimeUnit.SECONDS);
                assertThat(response.getCode()).isEqualTo(status);
                assertThat(response.getEntity().getContentEncoding()).isEqualTo("gzip");
                assertThat(EntityUtils.toByteArray(response.getEntity())).isEqualTo(zipped);
                assertThat(requests.take()).doesNotContain("Accept-Encoding", "Cookie");
            }
            assertThat(requests).isEmpty();
        }
    }

    // Context and configuration.

    @Test
    void theContextsConfigurationIsUsedAndTheRequestsOwnBeforeIt() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")) {
            HttpClientContext context = HttpClientContext.create();
            context.setRequestConfig(
                    RequestConfig.custom().setRedirectsEnabled(false).build());
            FetchOptions options = FetchOptions.defaults().context(context);
            assertThat(millpond.fetch(get(server), options).join().getCode()).isEqualTo(302);
            HttpGet own = new HttpGet(server.url());
            own.setConfig(RequestConfig.custom()
                    .setCircularRedirectsAllowed(true)
                    .setMaxRedirects(2)
                    .build());
            assertThat(failure(millpond.fetch(own, options)))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessage("Maximum redirects (2) exceeded");
        }
    }

    @Test
    void aResponseTimeoutIsTheSocketTimeout() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            HttpGet request = new HttpGet(server.url());
            request.setConfig(RequestConfig.custom()
                    .setResponseTimeout(200, TimeUnit.MILLISECONDS)
                    .build());
            assertThat(failure(millpond.fetch(request)))
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("no byte for 200 ms");
        }
    }

    @Test
    void aConnectionRequestTimeoutBoundsTheWaitForALease() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond single = Millpond.builder().maxConnectionsPerRoute(1).build()) {
            CompletableFuture<ClassicHttpResponse> first = single.fetch(get(server));
            await(() -> single.stats().connectionsLeased() == 1);
            HttpGet second = new HttpGet(server.url());
            second.setConfig(RequestConfig.custom()
                    .setConnectionRequestTimeout(200, TimeUnit.MILLISECONDS)
                    .build());
            assertThat(failure(single.fetch(second)))
                    .isInstanceOf(ConnectionRequestTimeoutException.class)
                    .hasMessage("no connection within 200 ms: route http://localhost:" + server.port()
                            + ", leased 1, pending 1, limit 1");
            first.cancel(true);
            await(() -> single.stats().connectionsLeased() == 0);
        }
    }

    @Test
    void anAuthCacheAuthenticatesPreemptively() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = recording(requests, OK)) {
            HttpHost host = new HttpHost("http", "localhost", server.port());
            BasicScheme scheme = new BasicScheme();
            scheme.initPreemptive(new UsernamePasswordCredentials("user", "secret".toCharArray()));
            HttpClientContext context = HttpClientContext.create();
            BasicAuthCache cache = new BasicAuthCache();
            cache.put(host, scheme);
            context.setAuthCache(cache);
            assertThat(body(millpond.fetch(get(server), FetchOptions.defaults().context(context))))
                    .isEqualTo("hello");
            assertThat(requests.take()).contains("Authorization: Basic dXNlcjpzZWNyZXQ=");
        }
    }

    @Test
    void cookiesOfTheContextGoBeforeTheClients() throws Exception {
        BasicCookieStore clients = new BasicCookieStore();
        BasicCookieStore own = new BasicCookieStore();
        try (RawServer server = RawServer.answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
                Millpond keeping = Millpond.builder().cookieStore(clients).build()) {
            HttpClientContext context = HttpClientContext.create();
            context.setCookieStore(own);
            keeping.fetch(get(server), FetchOptions.defaults().context(context)).join();
            assertThat(own.getCookies()).hasSize(1);
            assertThat(clients.getCookies()).isEmpty();
            keeping.fetch(get(server)).join();
            assertThat(clients.getCookies()).hasSize(1);
        }
    }

    @Test
    void codeOfTheUsersRunsOnNoEventLoop() throws Exception {
        List<String> onLoop = new CopyOnWriteArrayList<>();
        List<String> called = new CopyOnWriteArrayList<>();
        try (RawServer server = new RawServer((peer, connection) -> {
                    for (int i = 0; !peer.readRequest().isEmpty(); i++) {
                        peer.write(
                                i == 0
                                        ? "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
                                        : "HTTP/1.1 103 Hints\r\n\r\n" + OK);
                    }
                });
                Millpond curious = Millpond.builder()
                        .addRequestInterceptorFirst((request, entity, context) -> note("request", called, onLoop))
                        .addResponseInterceptorLast((response, entity, context) -> note("response", called, onLoop))
                        .connectionReuseStrategy((request, response, context) -> {
                            note("reuse", called, onLoop);
                            return DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
                        })
                        .keepAliveStrategy((response, context) -> {
                            note("keep-alive", called, onLoop);
                            return TimeValue.ofSeconds(10);
                        })
                        .redirectStrategy(new DefaultRedirectStrategy() {
                            @Override
                            public boolean isRedirectAllowed(
                                    HttpHost current,
                                    HttpHost next,
                                    org.apache.hc.core5.http.HttpRequest redirect,
                                    org.apache.hc.core5.http.protocol.HttpContext context) {
                                note("redirect", called, onLoop);
                                return true;
                            }
                        })
                        .build()) {
            FetchOptions options = FetchOptions.defaults().onInterim(hints -> note("interim", called, onLoop));
            assertThat(body(curious.fetch(get(server), options))).isEqualTo("hello");
            assertThat(called)
                    .containsExactly(
                            "request",
                            "reuse",
                            "keep-alive",
                            "response",
                            "redirect",
                            "request",
                            "interim",
                            "reuse",
                            "keep-alive",
                            "response");
            assertThat(onLoop).isEmpty();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    private static void note(String what, List<String> called, List<String> onLoop) {
        called.add(what);
        if (AsyncCore.onEventLoop()) {
            onLoop.add(what);
        }
    }

    @Test
    void whatAnInterceptorThrowsFailsTheFetch() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                Millpond throwing = Millpond.builder()
                        .addResponseInterceptorLast((response, entity, context) -> {
                            throw new IllegalStateException("no");
                        })
                        .build()) {
            assertThat(failure(throwing.fetch(get(server))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no");
            assertThat(throwing.stats().memoryUsed()).isZero();
        }
    }

    // Expect: 100-continue, and interim responses.

    @Test
    void theBodyIsSentAtTheHundred() throws Exception {
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String head = head(peer); !head.isEmpty(); head = head(peer)) {
                seen.add(head);
                peer.write("HTTP/1.1 100 Continue\r\n\r\n");
                seen.add(new String(peer.in().readNBytes(5), ISO_8859_1));
                peer.write(OK);
            }
        })) {
            for (int i = 0; i < 2; i++) {
                assertThat(body(millpond.fetch(expecting(server)))).isEqualTo("hello");
                assertThat(seen.take()).contains("Expect: 100-continue\r\n");
                assertThat(seen.take()).isEqualTo("abcde");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void theBodyIsSentWithoutAHundredToo() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest(); // with its body
            peer.write(OK);
            peer.awaitClose();
        })) {
            assertThat(body(millpond.fetch(expecting(server)))).isEqualTo("hello");
        }
    }

    @Test
    void theBodyIsNotSentWhereAFinalResponseComesFirst() throws Exception {
        LinkedBlockingQueue<Integer> rest = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            head(peer);
            peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
            try {
                rest.add(peer.read());
            } catch (IOException e) {
                rest.add(-1);
            }
        })) {
            ClassicHttpResponse response = millpond.fetch(expecting(server)).join();
            assertThat(response.getCode()).isEqualTo(413);
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            assertThat(rest.take()).isEqualTo(-1);
            assertThat(millpond.stats().connectionsIdle()).isZero();
        }
    }

    @Test
    void cancellingWhileItWaitsForAHundredClosesTheConnection() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            head(peer);
            waiting.countDown();
            peer.awaitClose();
        })) {
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(expecting(server));
            assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
            response.cancel(true);
            assertThat(server.awaitEnd()).isZero();
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void interimResponsesComeInOrderBeforeTheResponse() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        StringBuilder wire = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            wire.append("HTTP/1.1 103 Early Hints\r\nLink: ").append(i).append("\r\n\r\n");
        }
        try (RawServer server = RawServer.answering("HTTP/1.1 100 Continue\r\n\r\n" + wire + OK)) {
            FetchOptions options = FetchOptions.defaults()
                    .onInterim(hints -> seen.add(
                            hints.getCode() + hints.getFirstHeader("Link").getValue()));
            millpond.fetch(get(server), options, response -> seen.add("200")).join();
            assertThat(seen)
                    .containsExactly(
                            "1030", "1031", "1032", "1033", "1034", "1035", "1036", "1037", "1038", "1039", "200");
        }
    }

    @Test
    void whatAListenerThrowsFailsTheFetch() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 103 Early Hints\r\n\r\n" + OK)) {
            FetchOptions options = FetchOptions.defaults().onInterim(hints -> {
                throw new IllegalStateException("no");
            });
            assertThat(failure(millpond.fetch(get(server), options))).hasMessage("no");
            await(() -> millpond.stats().connectionsLeased() == 0);
        }
    }

    // Decoding.

    @Test
    void aDecodedBodyIsRepeatableOfUnknownLengthAndNotEncoded() throws Exception {
        try (RawServer server = zipped(gzip("hello".getBytes(ISO_8859_1)))) {
            ClassicHttpResponse response = millpond.fetch(get(server)).join();
            assertThat(response.getEntity().getContentLength()).isEqualTo(-1);
            assertThat(response.getEntity().getContentEncoding()).isNull();
            assertThat(response.getEntity().isRepeatable()).isTrue();
            assertThat(response.getEntity().isStreaming()).isFalse();
            for (int i = 0; i < 2; i++) {
                assertThat(response.getEntity().getContent().readAllBytes())
                        .asString()
                        .isEqualTo("hello");
                ByteArrayOutputStream written = new ByteArrayOutputStream();
                response.getEntity().writeTo(written);
                assertThat(written).hasToString("hello");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"br, CwKAaGVsbG8D", "zstd, KLUv/SAFKQAAaGVsbG8="})
    void whatAnOptionalLibraryDecodesIsAskedForAndDecoded(String coding, String base64) throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        byte[] body = Base64.getDecoder().decode(base64);
        try (RawServer server = recording(
                requests,
                "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: " + body.length + "\r\n\r\n"
                        + new String(body, ISO_8859_1))) {
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
            assertThat(requests.take()).containsPattern("\r\nAccept-Encoding: .*" + coding);
        }
    }

    @Test
    void decodedBytesAreLimited() throws Exception {
        try (RawServer server = zipped(gzip(new byte[1001]));
                Millpond small = Millpond.builder().maxDecodedSize(1000).build()) {
            assertThat(failure(small.fetch(get(server), response -> EntityUtils.toByteArray(response.getEntity()))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessage("response too large: maxDecodedSize is 1000 bytes, decoded more");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aBombIsRefused(int codings) throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        byte[] wire = codings == 1 ? bomb : gzip(bomb);
        try (RawServer server = answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: " + (codings == 1 ? "gzip" : "gzip, gzip")
                        + "\r\nContent-Length: " + wire.length + "\r\n\r\n",
                wire)) {
            assertThat(failure(millpond.fetch(get(server), response -> response.getEntity()
                            .getContent()
                            .transferTo(java.io.OutputStream.nullOutputStream()))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageStartingWith("response too large: maxDecodedRatio is 200, ");
        }
    }

    // Authentication.

    @Test
    void a407ThatComesFromNoProxyGetsNoCredentials() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope(null, -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
        try (RawServer server = recording(
                        requests,
                        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
                Millpond trusting =
                        Millpond.builder().credentialsProvider(credentials).build()) {
            assertThat(trusting.fetch(get(server)).join().getCode()).isEqualTo(407);
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void whatCannotBeRepeatedIsNotSentTwice() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            requests.add(peer.readRequest()); // and closes
        })) {
            ClassicHttpRequest request = ClassicRequestBuilder.put(server.url())
                    .setEntity(new InputStreamEntity(
                            new ByteArrayInputStream(new byte[5]), 5, ContentType.APPLICATION_OCTET_STREAM))
                    .build();
            assertThat(failure(millpond.fetch(request))).isInstanceOf(NoHttpResponseException.class);
            assertThat(requests).hasSize(1);
        }
    }

    private static RawServer recording(LinkedBlockingQueue<String> requests, String answer) {
        return new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write(answer);
            }
        });
    }

    private static RawServer zipped(byte[] body) {
        return answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n", body);
    }

    private static RawServer answering(String head, byte[] body) {
        return new RawServer((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(head);
                peer.write(body);
            }
        });
    }

    /** Without the body that its length announces. */
    private static String head(RawServer.Peer peer) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = peer.read();
            if (b < 0) {
                return "";
            }
            head.append((char) b);
        }
        return head.toString();
    }

    private static ClassicHttpRequest expecting(RawServer server) {
        return ClassicRequestBuilder.post(server.url())
                .setEntity("abcde")
                .addHeader("Expect", "100-continue")
                .build();
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    private static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(response.get(30, TimeUnit.SECONDS).getEntity());
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
