package dev.millpond.it;

import static dev.millpond.it.FetchTestBase.gzip;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.DeflaterOutputStream;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.BearerToken;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same requests through Apache's own blocking client and through {@code fetch}, each against a server of its own
 * with the same script: status, fields and body are the same, and so is every request on the wire.
 */
@Timeout(60)
class FetchLikeApacheTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    /** Answers the n-th request of a scenario, from 0; at two hosts, "localhost" and "127.0.0.1". */
    interface Script {
        byte[] answer(int number, String request, RawServer server);
    }

    record Scenario(String name, Function<String, List<ClassicHttpRequest>> requests, Script script) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Scenario> scenarios() throws Exception {
        List<Scenario> all = new ArrayList<>();
        proxied(all);
        all.add(scenario(
                "a bearer token",
                url -> ClassicRequestBuilder.get(url.replace("localhost", "127.0.0.1")),
                challenged("Bearer realm=\"r\"", "Bearer token")));
        all.add(scenario("a plain GET", get("/a?b=c"), (n, request, server) -> bytes(OK)));
        all.add(scenario(
                "HEAD",
                url -> ClassicRequestBuilder.head(url),
                answers("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")));
        all.add(scenario("204", get("/"), answers("HTTP/1.1 204 No Content\r\n\r\n")));
        all.add(scenario(
                "own fields",
                url -> ClassicRequestBuilder.get(url)
                        .addHeader("User-Agent", "Mine")
                        .addHeader("X-Default", "own")
                        .addHeader("Accept-Encoding", "identity")
                        .addHeader("Connection", "close"),
                answers("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")));
        all.add(scenario(
                "POST",
                url -> ClassicRequestBuilder.post(url).setEntity("grüße", ContentType.APPLICATION_JSON),
                answers(OK)));
        all.add(scenario(
                "PUT, chunked", url -> ClassicRequestBuilder.put(url).setEntity(stream("hello")), answers(OK)));
        for (int status : new int[] {301, 302, 303, 307, 308}) {
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE")) {
                all.add(scenario(
                        status + " " + method,
                        url -> body(
                                ClassicRequestBuilder.create(method).setUri(url).addHeader("X-Mine", "1"), method),
                        (n, request, server) -> n == 0
                                ? bytes("HTTP/1.1 " + status + " Moved\r\nLocation: /b?c\r\nContent-Length: 0\r\n\r\n")
                                : bytes(request.startsWith("HEAD") ? "HTTP/1.1 200 OK\r\n\r\n" : OK)));
            }
        }
        all.add(scenario(
                "redirect across origins",
                url -> ClassicRequestBuilder.get(url).addHeader("X-Mine", "1"),
                (n, request, server) -> n == 0 ? redirectTo("http://127.0.0.1:" + server.port() + "/x") : bytes(OK)));
        for (String secret : List.of("Authorization", "Cookie")) {
            all.add(scenario(
                    "redirect across origins with " + secret,
                    url -> ClassicRequestBuilder.get(url).addHeader(secret, "secret"),
                    (n, request, server) ->
                            n == 0 ? redirectTo("http://127.0.0.1:" + server.port() + "/x") : bytes(OK)));
        }
        all.add(scenario(
                "redirect within the origin with Authorization",
                url -> ClassicRequestBuilder.get(url).addHeader("Authorization", "secret"),
                (n, request, server) -> n == 0 ? redirectTo("/x") : bytes(OK)));
        all.add(scenario("circular redirects", get("/a"), (n, request, server) -> redirectTo("/a")));
        all.add(scenario("too many redirects", get("/"), (n, request, server) -> redirectTo("/" + n)));
        all.add(scenario("a redirect to nowhere", get("/"), (n, request, server) -> redirectTo("http://")));
        all.add(scenario("a redirect with a bad URI", get("/"), (n, request, server) -> redirectTo("http://a b/")));
        all.add(scenario(
                "a redirect of what can't be repeated",
                url -> ClassicRequestBuilder.put(url).setEntity(stream("hello")),
                (n, request, server) -> redirectTo("/b")));
        all.add(scenario(
                "a redirect without a location", get("/"), answers("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")));
        all.add(new Scenario(
                "cookies",
                url -> List.of(
                        request(get("/a/b").apply(url)),
                        request(get("/a/c").apply(url)),
                        request(get("/x").apply(url))),
                (n, request, server) -> bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: c" + n + "=" + n
                        + "; Path=/a\r\nSet-Cookie: evil=1; Domain=example.org\r\n\r\n")));
        all.add(new Scenario(
                "a cookie that is set by a redirect, then taken back",
                url -> List.of(
                        request(get("/").apply(url)), request(get("/").apply(url)), request(get("/").apply(url))),
                (n, request, server) -> switch (n) {
                    case 0 ->
                        bytes("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n");
                    case 1 -> bytes(OK);
                    default -> bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=; Max-Age=0\r\n\r\n");
                }));
        all.add(scenario(
                "a cookie of the request's own",
                url -> ClassicRequestBuilder.get(url).addHeader("Cookie", "own=1"),
                answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n")));
        all.add(scenario("Basic", get("/"), challenged("Basic realm=\"r\"", "Basic dXNlcjpzZWNyZXQ=")));
        all.add(scenario("Basic, of no use", get("/"), challenged("Basic realm=\"r\"", "never")));
        all.add(scenario(
                "Basic, for a POST",
                url -> ClassicRequestBuilder.post(url).setEntity("hello"),
                challenged("Basic realm=\"r\"", "Basic ")));
        all.add(scenario(
                "Basic, for what can't be repeated",
                url -> ClassicRequestBuilder.put(url).setEntity(stream("hello")),
                challenged("Basic realm=\"r\"", "Basic ")));
        all.add(scenario(
                "Digest",
                get("/a?b"),
                challenged(
                        "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5", "Digest username=\"user\"")));
        all.add(scenario(
                "Digest and Basic",
                get("/"),
                challenged("Basic realm=\"r\", Digest realm=\"r\", nonce=\"n\"", "Digest ")));
        all.add(scenario("an unknown scheme", get("/"), challenged("Magic realm=\"r\"", "Magic ")));
        all.add(scenario(
                "a 401 without a challenge", get("/"), answers("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")));
        all.add(
                scenario(
                        "a challenge that closes",
                        get("/"),
                        (n, request, server) -> request.contains("Authorization: Basic ")
                                ? bytes(OK)
                                : bytes(
                                        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")));
        all.add(new Scenario(
                "twice in the same place",
                url -> List.of(
                        request(get("/a/b").apply(url)), request(get("/a/c").apply(url))),
                challenged("Basic realm=\"r\"", "Basic ")));
        all.add(scenario("TRACE", url -> ClassicRequestBuilder.trace(url), challenged("Basic realm=\"r\"", "Basic ")));
        for (int status : new int[] {429, 503}) {
            all.add(scenario(
                    "retry after " + status,
                    get("/"),
                    (n, request, server) ->
                            n == 0 ? bytes("HTTP/1.1 " + status + " Later\r\nContent-Length: 0\r\n\r\n") : bytes(OK)));
            all.add(scenario(
                    "no end of " + status,
                    get("/"),
                    answers("HTTP/1.1 " + status + " Later\r\nContent-Length: 1\r\n\r\nx")));
            all.add(scenario(
                    "retry of a POST after " + status,
                    url -> ClassicRequestBuilder.post(url).setEntity("x"),
                    (n, request, server) ->
                            n == 0 ? bytes("HTTP/1.1 " + status + " Later\r\nContent-Length: 0\r\n\r\n") : bytes(OK)));
        }
        all.add(scenario("500", get("/"), answers("HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\nx")));
        all.add(scenario("retry after a redirect", get("/"), (n, request, server) -> switch (n) {
            case 0, 2 -> bytes("HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n");
            case 1 -> redirectTo("/b");
            default -> bytes(OK);
        }));
        all.add(scenario("no response", get("/"), (n, request, server) -> n == 0 ? new byte[0] : bytes(OK)));
        all.add(scenario("never a response", get("/"), (n, request, server) -> new byte[0]));
        all.add(scenario(
                "no response to a POST",
                url -> ClassicRequestBuilder.post(url).setEntity("x"),
                (n, request, server) -> new byte[0]));
        all.add(scenario("gzip", get("/"), encoded("gzip", gzip("hello".getBytes(UTF_8)))));
        all.add(scenario("x-gzip", get("/"), encoded("x-gzip", gzip("hello".getBytes(UTF_8)))));
        all.add(scenario("deflate", get("/"), encoded("deflate", deflate("hello".getBytes(UTF_8)))));
        all.add(scenario("gzip in gzip", get("/"), encoded("gzip, GZIP", gzip(gzip("hello".getBytes(UTF_8))))));
        all.add(scenario("brotli", get("/"), encoded("br", Base64.getDecoder().decode("CwKAaGVsbG8D"))));
        all.add(scenario("zstd", get("/"), encoded("zstd", Base64.getDecoder().decode("KLUv/SAFKQAAaGVsbG8="))));
        all.add(scenario("identity", get("/"), encoded("identity", "hello".getBytes(UTF_8))));
        all.add(scenario("an unknown coding", get("/"), encoded("magic", "hello".getBytes(UTF_8))));
        all.add(scenario("too many codings", get("/"), encoded("gzip, gzip, gzip, gzip, gzip, gzip", new byte[] {1})));
        all.add(scenario("gzip, but it isn't", get("/"), encoded("gzip", "hello".getBytes(UTF_8))));
        all.add(scenario("gzip, empty", get("/"), encoded("gzip", new byte[0])));
        all.add(scenario(
                "gzip of a 404",
                get("/"),
                (n, request, server) -> join(
                        "HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: "
                                + gzip(bytes("no")).length + "\r\n\r\n",
                        gzip(bytes("no")))));
        all.add(scenario("redirect, challenge, retry, gzip", get("/"), (n, request, server) -> {
            if (n == 0) {
                return redirectTo("/b");
            }
            if (!request.contains("Authorization")) {
                return bytes(
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n");
            }
            return n == 2
                    ? bytes("HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n")
                    : join(
                            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + Integer.toHexString(gzip(bytes("hello")).length) + "\r\n",
                            join(gzip(bytes("hello")), "\r\n0\r\n\r\n"));
        }));
        all.add(scenario(
                "user information", url -> ClassicRequestBuilder.get(url.replace("//", "//user:pass@")), answers(OK)));
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void theyAreTheSame(Scenario scenario) throws Exception {
        assertThat(fetched(scenario)).isEqualTo(executed(scenario));
    }

    /** What came back, then what went out. */
    private static List<String> executed(Scenario scenario) throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        List<String> outcomes = new ArrayList<>();
        try (RawServer server = server(scenario, requests);
                CloseableHttpClient http = HttpClients.custom()
                        .setDefaultHeaders(List.of(new BasicHeader("X-Default", "default")))
                        .setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1)))
                        .setDefaultCredentialsProvider(credentials())
                        .setDefaultRequestConfig(withoutUpgrade())
                        .build()) {
            HttpClientContext context = HttpClientContext.create();
            for (ClassicHttpRequest request : scenario.requests().apply(server.url())) {
                try {
                    outcomes.add(http.execute(request, context, response -> describe(response, server.port())));
                } catch (IOException e) {
                    outcomes.add(failure(e));
                }
                outcomes.add(describe(context, server.port()));
            }
        }
        outcomes.addAll(requests);
        return outcomes;
    }

    /** The server is a plain proxy then, for hosts that there are not. */
    private static void proxied(List<Scenario> all) {
        String basic = "Proxy-Authenticate: Basic realm=\"p\"";
        String digest = "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"";
        all.add(proxied("GET through a proxy", answers(OK)));
        all.add(proxied("a redirect through a proxy", (n, request, server) -> switch (n) {
            case 0 -> redirectTo("/b");
            case 1 -> redirectTo("http://other.invalid:8080/c?d");
            default -> bytes(OK);
        }));
        for (String challenge : List.of(basic, digest)) {
            for (String connection : List.of("", "Connection: close\r\n")) {
                String refusal =
                        "HTTP/1.1 407 Login\r\n" + challenge + "\r\n" + connection + "Content-Length: 2\r\n\r\nno";
                all.add(proxied(
                        "a proxy with a login: " + challenge + " " + connection.trim(),
                        (n, request, server) ->
                                request.contains("\r\nProxy-Authorization: ") ? bytes(OK) : bytes(refusal)));
                all.add(proxied(
                        "a proxy with a login, then a redirect to another host: " + challenge + connection.trim(),
                        (n, request, server) -> !request.contains("\r\nProxy-Authorization: ")
                                ? bytes(refusal)
                                : request.contains(" http://far.invalid/")
                                        ? redirectTo("http://other.invalid/b")
                                        : bytes(OK)));
            }
            all.add(proxied(
                    "a proxy that accepts no login: " + challenge,
                    answers("HTTP/1.1 407 Login\r\n" + challenge + "\r\nContent-Length: 2\r\n\r\nno")));
        }
        all.add(proxied(
                "a login for the target alone through a proxy",
                answers("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno")));
        all.add(proxied("a proxy that fails once", (n, request, server) -> n == 0 ? new byte[0] : bytes(OK)));
    }

    private static Scenario proxied(String name, Script script) {
        return new Scenario(name, url -> List.of(through(url), through(url)), script);
    }

    @SuppressWarnings("deprecation")
    private static ClassicHttpRequest through(String proxy) {
        HttpGet get = new HttpGet("http://far.invalid/a?b=c");
        get.setConfig(RequestConfig.copy(withoutUpgrade())
                .setProxy(new HttpHost("http", "localhost", URI.create(proxy).getPort()))
                .build());
        return get;
    }

    private static List<String> fetched(Scenario scenario) throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        List<String> outcomes = new ArrayList<>();
        try (RawServer server = server(scenario, requests);
                Millpond millpond = Millpond.builder()
                        .defaultHeaders(List.of(new BasicHeader("X-Default", "default")))
                        .retryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1)))
                        .credentialsProvider(credentials())
                        .build()) {
            HttpClientContext context = HttpClientContext.create();
            FetchOptions options = FetchOptions.defaults().context(context);
            for (ClassicHttpRequest request : scenario.requests().apply(server.url())) {
                try {
                    outcomes.add(millpond.fetch(request, options, response -> describe(response, server.port()))
                            .get(30, TimeUnit.SECONDS));
                } catch (ExecutionException e) {
                    outcomes.add(failure(e.getCause()));
                }
                outcomes.add(describe(context, server.port()));
            }
        }
        outcomes.addAll(requests);
        return outcomes;
    }

    private static RequestConfig withoutUpgrade() {
        return RequestConfig.custom().setProtocolUpgradeEnabled(false).build();
    }

    private static BasicCredentialsProvider credentials() {
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope("localhost", -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
        credentials.setCredentials(new AuthScope("127.0.0.1", -1), new BearerToken("token"));
        return credentials;
    }

    private static RawServer server(Scenario scenario, List<String> requests) {
        AtomicInteger count = new AtomicInteger();
        RawServer[] self = new RawServer[1];
        self[0] = new RawServer((peer, connection) -> {
            for (String request = read(peer); !request.isEmpty(); request = read(peer)) {
                requests.add(comparable(request, self[0].port()));
                byte[] answer = scenario.script().answer(count.getAndIncrement(), request, self[0]);
                if (answer.length == 0) {
                    return;
                }
                peer.write(answer);
                if (new String(answer, ISO_8859_1).contains("Connection: close")) {
                    return;
                }
            }
        });
        return self[0];
    }

    private static String read(RawServer.Peer peer) throws IOException {
        StringBuilder request = new StringBuilder(peer.readRequest());
        if (request.indexOf("Transfer-Encoding: chunked") > 0) {
            while (request.indexOf("\r\n0\r\n\r\n") < 0) {
                request.append((char) peer.read());
            }
        }
        return request.toString();
    }

    /** Without what differs by design or chance. */
    private static String comparable(String text, int port) {
        return text.replaceAll("(?m)^User-Agent: (Apache|Millpond).*$", "User-Agent: ...")
                .replaceAll("(cnonce|response)=\"[^\"]*\"", "$1=...")
                .replace(":" + port, ":PORT");
    }

    private static String describe(ClassicHttpResponse response, int port) throws IOException, ParseException {
        HttpEntity entity = response.getEntity();
        String fields =
                Arrays.stream(response.getHeaders()).map(Object::toString).collect(Collectors.joining("; "));
        boolean none = entity == null || entity.getContentLength() == 0;
        String body;
        try {
            body = none ? "" : EntityUtils.toString(entity);
        } catch (IOException e) {
            body = e.getClass().getName() + ": " + e.getMessage();
        }
        return comparable(
                response.getCode() + " " + response.getReasonPhrase() + " [" + fields + "] "
                        + (none
                                ? ""
                                : entity.getContentLength() + " " + entity.getContentEncoding() + " "
                                        + entity.getContentType())
                        + " " + body,
                port);
    }

    private static String describe(HttpClientContext context, int port) {
        return comparable(
                "locations " + context.getRedirectLocations().getAll() + ", request " + context.getRequest()
                        + ", cookies "
                        + context.getCookieStore().getCookies().stream()
                                .map(cookie -> cookie.getName() + "=" + cookie.getValue() + cookie.getPath())
                                .toList()
                        + ", exchanges "
                        + context.getAuthExchanges().values().stream()
                                .filter(e -> e.getAuthScheme() != null)
                                .toList()
                        + ", route " + context.getHttpRoute(),
                port);
    }

    /** The client wraps what is of the protocol; a fetch fails with it. */
    private static String failure(Throwable failure) {
        Throwable own =
                failure instanceof ClientProtocolException && failure.getCause() != null ? failure.getCause() : failure;
        Class<?> type = own instanceof NoHttpResponseException ? NoHttpResponseException.class : own.getClass();
        return "failed: " + type.getName();
    }

    private static Scenario scenario(String name, Function<String, ClassicRequestBuilder> request, Script script) {
        return new Scenario(name, url -> List.of(request(request.apply(url))), script);
    }

    private static ClassicHttpRequest request(ClassicRequestBuilder builder) {
        return builder.build();
    }

    private static Function<String, ClassicRequestBuilder> get(String path) {
        return url -> ClassicRequestBuilder.get(url.substring(0, url.length() - 1) + path);
    }

    private static ClassicRequestBuilder body(ClassicRequestBuilder builder, String method) {
        return method.startsWith("P") ? builder.setEntity("hello") : builder;
    }

    private static HttpEntity stream(String body) {
        return new InputStreamEntity(new ByteArrayInputStream(body.getBytes(UTF_8)), ContentType.TEXT_PLAIN);
    }

    private static Script answers(String answer) {
        return (n, request, server) -> bytes(answer);
    }

    private static Script challenged(String challenge, String answer) {
        return (n, request, server) -> request.contains("\r\nAuthorization: " + answer)
                ? bytes(OK)
                : bytes("HTTP/1.1 401 No\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 2\r\n\r\nno");
    }

    private static Script encoded(String coding, byte[] body) {
        return (n, request, server) -> join(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: " + coding
                        + "\r\nContent-MD5: x\r\nContent-Length: " + body.length + "\r\n\r\n",
                body);
    }

    private static byte[] redirectTo(String location) {
        return bytes("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static byte[] join(String head, byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(bytes(head));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private static byte[] join(byte[] head, String rest) {
        return join(new String(head, ISO_8859_1), bytes(rest));
    }

    private static byte[] deflate(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(bytes)) {
            deflate.write(content);
        }
        return bytes.toByteArray();
    }
}
