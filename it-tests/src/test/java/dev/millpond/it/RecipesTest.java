package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.Cancellable;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import dev.millpond.http.apache.ContentDecoders;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import dev.millpond.http.events.EventListener;
import dev.millpond.http.events.ServerSentEvent;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ContextBuilder;
import org.apache.hc.client5.http.HttpResponseException;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.BearerToken;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.CredentialsProviderBuilder;
import org.apache.hc.client5.http.impl.classic.BasicHttpClientResponseHandler;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes of {@code docs/recipes.md}: what is between the comments is there, word for word. */
@Timeout(60)
class RecipesTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String FOUND = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final Millpond millpond = closing(Millpond.create());

    @TempDir
    Path directory;

    @AfterEach
    void closeEverything() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private RawServer server(RawServer.Script script) {
        return closing(new RawServer(script));
    }

    /** Answers requests with those, one after the other, and all others with the last. */
    private RawServer answering(String... answers) {
        AtomicInteger next = new AtomicInteger();
        return server((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                asked.add(request);
                peer.write(answers[Math.min(next.getAndIncrement(), answers.length - 1)]);
            }
        });
    }

    private RawServer silent() {
        return server((peer, connection) -> peer.awaitClose());
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    private static <T> T result(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(result(response).getEntity());
    }

    // Requests and responses.

    @Test
    void jsonPost() throws Exception {
        String url = answering(OK).url();
        // recipe: json-post
        ClassicHttpRequest request = ClassicRequestBuilder.post(url)
                .setEntity("{\"name\":\"Grüße\"}", ContentType.APPLICATION_JSON)
                .build();
        CompletableFuture<String> answer =
                millpond.fetch(request, response -> EntityUtils.toString(response.getEntity()));
        // end
        assertThat(result(answer)).isEqualTo("hello");
        assertThat(asked.take())
                .contains("\r\nContent-Type: application/json; charset=UTF-8\r\n")
                .endsWith(new String("{\"name\":\"Grüße\"}".getBytes(UTF_8), ISO_8859_1));
    }

    @Test
    void aStatusAsAFailure() {
        ClassicHttpRequest request = get(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
        // recipe: status
        CompletableFuture<String> page = millpond.fetch(request, new BasicHttpClientResponseHandler());
        // end
        assertThat(failure(page)).isInstanceOf(HttpResponseException.class).hasMessageContaining("404");
    }

    @Test
    void trailers() throws Exception {
        ClassicHttpRequest request = get(answering(CHUNKED + "\r\n5\r\nhello\r\n0\r\nSum: 11\r\n\r\n"));
        // recipe: trailers
        CompletableFuture<List<? extends Header>> trailers = millpond.fetch(request, response -> {
            Supplier<List<? extends Header>> supplier = response.getEntity().getTrailers();
            return supplier == null ? List.of() : supplier.get();
        });
        // end
        assertThat(result(trailers)).hasToString("[Sum: 11]");
    }

    @Test
    void earlyHints() throws Exception {
        ClassicHttpRequest request = get(answering("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK));
        List<Header> links = new CopyOnWriteArrayList<>();
        // recipe: early-hints
        FetchOptions options =
                FetchOptions.defaults().onInterim(hints -> links.addAll(List.of(hints.getHeaders("Link"))));
        CompletableFuture<ClassicHttpResponse> response = millpond.fetch(request, options);
        // end
        assertThat(body(response)).isEqualTo("hello");
        assertThat(links).hasToString("[Link: </a.css>]");
    }

    // Time.

    @Test
    void timeouts() {
        ClassicHttpRequest request = get(silent());
        // recipe: timeouts
        Millpond millpond = Millpond.builder()
                .connectTimeout(Duration.ofSeconds(5))
                .socketTimeout(Duration.ofSeconds(1))
                .responseDeadline(Duration.ofSeconds(30))
                .build();
        // end
        assertThat(failure(closing(millpond).fetch(request)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageStartingWith("no byte for 1 s");
    }

    @Test
    void oneDeadline() {
        ClassicHttpRequest request = get(silent());
        // recipe: deadline
        FetchOptions options = FetchOptions.defaults().deadline(Duration.ofSeconds(2));
        CompletableFuture<ClassicHttpResponse> response = millpond.fetch(request, options);
        // end
        assertThat(failure(response))
                .isInstanceOf(ResponseDeadlineException.class)
                .hasMessageContaining("2 s");
    }

    @Test
    void retries() throws Exception {
        String later = "HTTP/1.1 503 Later\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
        ClassicHttpRequest request = get(answering(later, later, OK));
        // recipe: retries
        Millpond millpond = Millpond.builder()
                .retryStrategy(new DefaultHttpRequestRetryStrategy(3, TimeValue.ofMilliseconds(200)))
                .build();
        // end
        assertThat(body(closing(millpond).fetch(request))).isEqualTo("hello");
        assertThat(asked).hasSize(3);
    }

    @Test
    void cancel() throws Exception {
        ClassicHttpRequest request = get(silent());
        // recipe: cancel
        CompletableFuture<String> page =
                millpond.fetch(request, response -> EntityUtils.toString(response.getEntity()));
        CompletableFuture<Integer> length = page.thenApply(String::length);
        page.cancel(true); // and not length.cancel(true), which would leave the exchange alone
        // end
        assertThat(length).isCompletedExceptionally();
        FetchTest.await(() -> millpond.stats().callsInFlight() == 0);
        assertThat(millpond.stats().connectionsLeased()).isZero();
    }

    @Test
    void orTimeout() throws Exception {
        ClassicHttpRequest request = get(silent());
        // recipe: or-timeout
        CompletableFuture<Integer> length = millpond.fetch(request)
                .orTimeout(500, TimeUnit.MILLISECONDS) // first: on the future that fetch has returned
                .thenApply(response -> response.getCode());
        // end
        assertThat(failure(length)).isInstanceOf(TimeoutException.class);
        FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
    }

    @Test
    void manyAtOnce() throws Exception {
        AtomicInteger open = new AtomicInteger();
        CountDownLatch ten = new CountDownLatch(10);
        RawServer server = server((peer, connection) -> {
            open.incrementAndGet();
            while (!peer.readRequest().isEmpty()) {
                ten.countDown();
                ten.await();
                peer.write(OK);
            }
        });
        List<String> urls =
                IntStream.range(0, 100).mapToObj(i -> server.url("/" + i)).toList();
        // recipe: many
        Millpond millpond = Millpond.builder().maxConnectionsPerRoute(10).build();
        List<CompletableFuture<String>> pages = urls.stream()
                .map(url ->
                        millpond.fetch(ClassicRequestBuilder.get(url).build(), new BasicHttpClientResponseHandler()))
                .toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(pages.toArray(CompletableFuture[]::new));
        // end
        closing(millpond);
        result(all);
        assertThat(pages).allMatch(page -> page.join().equals("hello"));
        assertThat(open).hasValue(10);
    }

    // Redirects, cookies, logins.

    @Test
    void redirectsOff() throws Exception {
        String url = answering(FOUND, OK).url();
        // recipe: redirects-off
        HttpGet request = new HttpGet(url);
        request.setConfig(RequestConfig.custom().setRedirectsEnabled(false).build());
        CompletableFuture<Integer> status = millpond.fetch(request, response -> response.getCode());
        // end
        assertThat(result(status)).isEqualTo(302);
    }

    @Test
    void redirectLocations() throws Exception {
        RawServer server = answering(FOUND, OK);
        ClassicHttpRequest request = get(server);
        // recipe: redirect-locations
        HttpClientContext context = HttpClientContext.create();
        CompletableFuture<List<URI>> locations = millpond.fetch(
                        request, FetchOptions.defaults().context(context))
                .thenApply(response -> context.getRedirectLocations().getAll());
        // end
        assertThat(result(locations)).containsExactly(URI.create(server.url("/there")));
    }

    @Test
    void cookies() throws Exception {
        ClassicHttpRequest request =
                get(answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n", OK));
        // recipe: cookies
        HttpClientContext session = HttpClientContext.create();
        session.setCookieStore(new BasicCookieStore());
        FetchOptions options = FetchOptions.defaults().context(session);
        CompletableFuture<ClassicHttpResponse> second =
                millpond.fetch(request, options).thenCompose(first -> millpond.fetch(request, options));
        // end
        assertThat(body(second)).isEqualTo("hello");
        assertThat(asked.take()).doesNotContain("Cookie");
        assertThat(asked.take()).contains("\r\nCookie: a=b\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5"})
    void login(String challenge) throws Exception {
        RawServer server =
                answering("HTTP/1.1 401 Login\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 0\r\n\r\n", OK);
        HttpHost host = new HttpHost("http", "localhost", server.port());
        char[] password = "secret".toCharArray();
        // recipe: login
        Millpond millpond = Millpond.builder()
                .credentialsProvider(CredentialsProviderBuilder.create()
                        .add(host, "user", password)
                        .build())
                .build();
        // end
        assertThat(body(closing(millpond).fetch(get(server)))).isEqualTo("hello");
        assertThat(asked.take()).doesNotContain("Authorization");
        assertThat(asked.take()).contains("\r\nAuthorization: " + challenge.substring(0, challenge.indexOf(' ')));
    }

    @Test
    void preemptiveLogin() throws Exception {
        RawServer server = answering(OK);
        HttpHost host = new HttpHost("http", "localhost", server.port());
        ClassicHttpRequest request = get(server);
        char[] password = "secret".toCharArray();
        // recipe: preemptive
        HttpClientContext context = ContextBuilder.create()
                .preemptiveBasicAuth(host, new UsernamePasswordCredentials("user", password))
                .build();
        CompletableFuture<ClassicHttpResponse> response =
                millpond.fetch(request, FetchOptions.defaults().context(context));
        // end
        assertThat(body(response)).isEqualTo("hello");
        assertThat(asked.take()).contains("\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\n");
    }

    @Test
    void bearer() throws Exception {
        RawServer server = answering("HTTP/1.1 401 Login\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n", OK);
        HttpHost host = new HttpHost("http", "localhost", server.port());
        String token = "t0k3n";
        // recipe: bearer
        Millpond millpond = Millpond.builder()
                .credentialsProvider(CredentialsProviderBuilder.create()
                        .add(new AuthScope(host), new BearerToken(token))
                        .build())
                .build();
        // end
        assertThat(body(closing(millpond).fetch(get(server)))).isEqualTo("hello");
        assertThat(asked.take()).doesNotContain("Authorization");
        assertThat(asked.take()).contains("\r\nAuthorization: Bearer t0k3n\r\n");
    }

    @Test
    void preemptiveBearer() throws Exception {
        String url = answering(OK).url();
        String token = "t0k3n";
        // recipe: bearer-at-once
        ClassicHttpRequest request = ClassicRequestBuilder.get(url)
                .addHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token)
                .build();
        // end
        assertThat(body(millpond.fetch(request))).isEqualTo("hello");
        assertThat(asked.take()).contains("\r\nAuthorization: Bearer t0k3n\r\n");
    }

    // Ways to the server.

    @Test
    void proxyWithLogin() throws Exception {
        RawServer listening = answering(
                "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n", OK);
        int port = listening.port();
        char[] password = "secret".toCharArray();
        // recipe: proxy
        HttpHost proxy = new HttpHost("http", "localhost", port);
        Millpond millpond = Millpond.builder()
                .proxy(proxy)
                .credentialsProvider(CredentialsProviderBuilder.create()
                        .add(proxy, "user", password)
                        .build())
                .build();
        // end
        assertThat(body(closing(millpond)
                        .fetch(ClassicRequestBuilder.get("http://server.example/")
                                .build())))
                .isEqualTo("hello");
        assertThat(asked.take()).startsWith("GET http://server.example/ ").doesNotContain("Authorization");
        assertThat(asked.take()).contains("\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n");
    }

    @Test
    void ownTrust() throws Exception {
        TestCertificates certificates = new TestCertificates();
        RawServer server = closing(
                new RawServer(certificates.serverContext("localhost").getServerSocketFactory(), (peer, connection) -> {
                    ((SSLSocket) peer.socket()).setNeedClientAuth(true);
                    peer.readRequest();
                    asked.add(((SSLSocket) peer.socket())
                            .getSession()
                            .getPeerPrincipal()
                            .getName());
                    peer.write(OK);
                    peer.awaitClose();
                }));
        ClassicHttpRequest request = ClassicRequestBuilder.get("https://localhost:" + server.port() + "/")
                .build();
        char[] password = "changeit".toCharArray();
        writeStores(certificates, password);
        Path trusted = directory.resolve("trusted.p12");
        Path own = directory.resolve("own.p12");
        // recipe: tls
        SSLContext context = SSLContextBuilder.create()
                .loadTrustMaterial(trusted, password)
                .loadKeyMaterial(own, password, password) // if the server wants a certificate
                .build();
        Millpond millpond = Millpond.builder().sslContext(context).build();
        // end
        assertThat(body(closing(millpond).fetch(request))).isEqualTo("hello");
        assertThat(asked.take()).isEqualTo("CN=me");
    }

    private void writeStores(TestCertificates certificates, char[] password) throws Exception {
        certificates.write(directory, "me");
        Certificate me = certificate("server.crt");
        String pem = Files.readString(directory.resolve("server.key")).replaceAll("-----.*-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate("ca.crt"));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("me", key, password, new Certificate[] {me, certificate("ca.crt")});
        store(trusted, "trusted.p12", password);
        store(own, "own.p12", password);
    }

    private Certificate certificate(String file) throws Exception {
        try (InputStream in = Files.newInputStream(directory.resolve(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private void store(KeyStore store, String file, char[] password) throws Exception {
        try (OutputStream out = Files.newOutputStream(directory.resolve(file))) {
            store.store(out, password);
        }
    }

    @Test
    void unixDomainSocket() throws Exception {
        Path path = directory.resolve("http.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            FutureTask<Integer> serving = DropInTestBase.background(() -> {
                try (SocketChannel peer = server.accept()) {
                    peer.read(ByteBuffer.allocate(10_000));
                    return peer.write(ByteBuffer.wrap(OK.getBytes(UTF_8)));
                }
            });
            // recipe: unix
            HttpGet request = new HttpGet("http://localhost/");
            request.setConfig(RequestConfig.custom().setUnixDomainSocket(path).build());
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(request);
            // end
            assertThat(body(response)).isEqualTo("hello");
            serving.get(30, TimeUnit.SECONDS);
        }
    }

    // Bodies.

    @Test
    void uploadOfAFile() throws Exception {
        String url = answering(OK).url();
        Path file = Files.writeString(directory.resolve("file"), "content");
        // recipe: upload
        ClassicHttpRequest request = ClassicRequestBuilder.put(url)
                .setEntity(new FileEntity(file.toFile(), ContentType.APPLICATION_OCTET_STREAM))
                .build();
        CompletableFuture<ClassicHttpResponse> response = millpond.fetch(request);
        // end
        assertThat(body(response)).isEqualTo("hello");
        assertThat(asked.take()).contains("\r\nContent-Length: 7\r\n").endsWith("\r\n\r\ncontent");
    }

    @Test
    void multipart() throws Exception {
        String url = answering(OK).url();
        Path file = Files.writeString(directory.resolve("cat.txt"), "meow");
        // recipe: multipart
        HttpEntity form = MultipartEntityBuilder.create()
                .addTextBody("title", "cat")
                .addBinaryBody("picture", file.toFile())
                .build();
        CompletableFuture<ClassicHttpResponse> response =
                millpond.fetch(ClassicRequestBuilder.post(url).setEntity(form).build());
        // end
        assertThat(body(response)).isEqualTo("hello");
        assertThat(asked.take()).contains("name=\"title\"", "cat", "filename=\"cat.txt\"", "meow");
    }

    @Test
    void downloadToAFile() throws Exception {
        ClassicHttpRequest request = get(answering(OK));
        Path file = directory.resolve("file");
        // recipe: download
        CompletableFuture<Long> size = millpond.fetch(
                request, response -> Files.copy(response.getEntity().getContent(), file));
        // end
        assertThat(result(size)).isEqualTo(5);
        assertThat(file).hasContent("hello");
    }

    @Test
    void downloadWhileItArrives() throws Exception {
        ClassicHttpRequest request = get(answering(CHUNKED + "\r\n5\r\nhello\r\n0\r\n\r\n"));
        Path file = directory.resolve("file");
        // recipe: download-live
        try (ClassicHttpResponse response = millpond.fetchLive(request).get();
                InputStream body = response.getEntity().getContent()) {
            Files.copy(body, file);
        }
        // end
        assertThat(file).hasContent("hello");
    }

    @Test
    void linesAsTheyArrive() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        ClassicHttpRequest request = get(server((peer, connection) -> {
            peer.readRequest();
            peer.write(CHUNKED + "\r\n4\r\none\n\r\n");
            read.await();
            peer.write("4\r\ntwo\n\r\n0\r\n\r\n");
            peer.awaitClose();
        }));
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        FutureTask<String> first = DropInTestBase.background(() -> {
            String line = lines.take();
            read.countDown();
            return line;
        });
        // recipe: live
        try (ClassicHttpResponse response = millpond.fetchLive(request).get();
                BufferedReader reader = new BufferedReader(
                        new InputStreamReader(response.getEntity().getContent(), UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        }
        // end
        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(lines).containsExactly("two");
    }

    // Server-sent events.

    private RawServer events() {
        return server((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\ndata: two\n\n");
            peer.awaitClose();
        });
    }

    @Test
    void eventListener() throws Exception {
        ClassicHttpRequest request = get(events());
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        // recipe: events
        Cancellable listening = millpond.fetchEvents(request, new EventListener() {
            @Override
            public void onEvent(ServerSentEvent event) {
                heard.add(event.data());
            }

            @Override
            public void onFailure(Throwable failure) {
                heard.add("no more events: " + failure);
            }
        });
        // end
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("two");
        listening.cancel();
        FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
    }

    @Test
    void eventPublisher() throws Exception {
        ClassicHttpRequest request = get(events());
        CompletableFuture<String> first = new CompletableFuture<>();
        Flow.Subscriber<ServerSentEvent> subscriber = new FirstOnly(first);
        // recipe: event-publisher
        Flow.Publisher<ServerSentEvent> events = millpond.fetchEvents(request);
        events.subscribe(subscriber);
        // end
        assertThat(result(first)).isEqualTo("one");
    }

    private static final class FirstOnly implements Flow.Subscriber<ServerSentEvent> {

        private final CompletableFuture<String> first;

        FirstOnly(CompletableFuture<String> first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(1);
        }

        @Override
        public void onNext(ServerSentEvent event) {
            first.complete(event.data());
        }

        @Override
        public void onError(Throwable failure) {
            first.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            first.cancel(false);
        }
    }

    // The drop-in.

    @Test
    void dropInOverTheSameMillpond() throws Exception {
        String url = answering(OK).url();
        // recipe: drop-in
        CloseableHttpClient http = HttpClients.custom()
                .setConnectionManager(millpond.connectionManagerBuilder()
                        .setMaxConnPerRoute(50)
                        .build())
                .build();
        String page = http.execute(new HttpGet(url), response -> EntityUtils.toString(response.getEntity()));
        // end
        closing(http);
        assertThat(page).isEqualTo("hello");
        assertThat(millpond.stats().bytesReceived()).isPositive();
    }

    @Test
    void dropInStreaming() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        RawServer server = server((peer, connection) -> {
            peer.readRequest();
            peer.write(CHUNKED + "Content-Type: application/x-ndjson\r\n\r\n");
            read.await();
            peer.write("3\r\n{}\n\r\n0\r\n\r\n");
            peer.awaitClose();
        });
        // recipe: drop-in-streaming
        MillpondConnectionManagerBuilder builder = MillpondConnectionManagerBuilder.create()
                .setStreaming(response -> Stream.of(response.getHeaders(HttpHeaders.CONTENT_TYPE))
                        .anyMatch(type -> type.getValue().startsWith("application/x-ndjson")));
        // end
        try (CloseableHttpClient http =
                HttpClients.custom().setConnectionManager(builder.build()).build()) {
            String body = http.execute(new HttpGet(server.url()), response -> {
                read.countDown();
                return EntityUtils.toString(response.getEntity());
            });
            assertThat(body).isEqualTo("{}\n");
        }
    }

    @Test
    void dropInBoundedDecoding() throws Exception {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(encoded)) {
            gzip.write(new byte[(1 << 20) + 1]);
        }
        String url = answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + encoded.size()
                        + "\r\n\r\n" + encoded.toString(ISO_8859_1))
                .url();
        // recipe: drop-in-decoding
        CloseableHttpClient http = HttpClients.custom()
                .setConnectionManager(MillpondConnectionManagerBuilder.create().build())
                .setContentDecoderRegistry(ContentDecoders.bounded(1 << 20)) // bytes
                .build();
        // end
        closing(http);
        assertThatThrownBy(
                        () -> http.execute(new HttpGet(url), response -> EntityUtils.toByteArray(response.getEntity())))
                .isInstanceOf(ResponseTooLargeException.class)
                .hasMessageContaining("maxDecodedSize");
    }

    // The document.

    @Test
    void theDocumentShowsThese() throws Exception {
        Path root = root();
        String document = Files.readString(root.resolve("docs/recipes.md"));
        Map<String, String> shown = snippets("<!-- recipe: (\\S+) -->\\R+```java\\R(.*?)^```$", document);
        Map<String, String> run = snippets(
                "^ *// recipe: (\\S+)$\\R(.*?)^ *// end$",
                Files.readString(root.resolve("it-tests/src/test/java/dev/millpond/it/RecipesTest.java")));
        assertThat(shown).containsExactlyInAnyOrderEntriesOf(run);
        assertThat(document.split("```java", -1))
                .as("blocks without a recipe's name")
                .hasSize(shown.size() + 1);
    }

    /** What the second group finds, without its indentation, by what the first does. */
    private static Map<String, String> snippets(String pattern, String text) {
        Map<String, String> snippets = new TreeMap<>();
        Matcher matcher =
                Pattern.compile(pattern, Pattern.MULTILINE | Pattern.DOTALL).matcher(text);
        while (matcher.find()) {
            assertThat(snippets.put(
                            matcher.group(1), matcher.group(2).stripTrailing().stripIndent()))
                    .as("another %s", matcher.group(1))
                    .isNull();
        }
        return snippets;
    }

    /** Of the repository, wherever in it the tests are started. */
    private static Path root() throws IOException {
        Path start = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        for (Path path = start; path != null; path = path.getParent()) {
            if (Files.exists(path.resolve("docs/recipes.md"))) {
                return path;
            }
        }
        throw new IOException("expected docs/recipes.md above " + start);
    }
}
