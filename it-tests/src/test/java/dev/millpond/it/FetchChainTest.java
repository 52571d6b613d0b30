package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;

/** What the chain of stages does as a whole, beyond what {@link FetchLikeApacheTest} compares. */
class FetchChainTest extends FetchTestBase {

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

    @Test
    void eachHostIsNamedAsItsRequestNamesIt() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write("HTTP/1.1 204 X\r\n\r\n");
            }
        })) {
            for (String host : List.of("localhost", "localhost", "LocalHost", "127.0.0.1", "localhost")) {
                millpond.fetch(new HttpGet("http://" + host + ":" + server.port() + "/"))
                        .get(30, TimeUnit.SECONDS);
                assertThat(requests.take()).containsOnlyOnce("\r\nHost: " + host + ":" + server.port() + "\r\n");
            }
            HttpGet named = new HttpGet(server.url("/"));
            named.setHeader("Host", "other");
            millpond.fetch(named).get(30, TimeUnit.SECONDS);
            assertThat(requests.take()).containsOnlyOnce("Host: ").contains("\r\nHost: other\r\n");
        }
    }

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
}
