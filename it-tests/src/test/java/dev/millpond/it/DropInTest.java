package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.Millpond;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpHead;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.CredentialsProviderBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The calls that Apache's chain makes, each trap that is known, and what users configure. */
@Timeout(60)
class DropInTest extends DropInTestBase {

    private static final String CHUNKED = String.join(
            "\r\n",
            "HTTP/1.1 200 OK",
            "Content-Type: text/x; charset=utf-8",
            "Content-Encoding: identity",
            "Trailer: X-Sum",
            "Transfer-Encoding: chunked",
            "",
            "5",
            "hello",
            "0",
            "X-Sum: 42",
            "",
            "");

    @Test
    void oneConnectionServesRequestAfterRequest() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            CloseableHttpClient client = client();
            for (int i = 0; i < 20; i++) {
                assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            }
            assertThat(server.connections()).isEqualTo(1);
            assertThat(manager.getTotalStats().getAvailable()).isEqualTo(1);
        }
    }

    @Test
    void aCompleteEntityKeepsWhatTheMessageSays() throws Exception {
        try (RawServer server = RawServer.answering(CHUNKED)) {
            HttpEntity entity = execute(client(), new HttpGet(server.url())).getEntity();
            assertThat(entity.isStreaming()).isFalse();
            assertThat(entity.isRepeatable()).isFalse();
            assertThat(entity.isChunked()).isTrue();
            assertThat(entity.getContentLength()).isEqualTo(-1);
            assertThat(entity.getContentType()).isEqualTo("text/x; charset=utf-8");
            assertThat(entity.getTrailerNames()).containsExactly("X-Sum");
            assertThat(new String(entity.getContent().readAllBytes(), UTF_8)).isEqualTo("hello");
            assertThat(entity.getTrailers().get()).hasToString("[X-Sum: 42]");
        }
    }

    @Test
    void gzipIsDecodedByApachesOwnStage() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write("hello, hello".getBytes(UTF_8));
        }
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + zipped.size() + "\r\n\r\n");
            peer.write(zipped.toByteArray());
            peer.awaitClose();
        })) {
            ClassicHttpResponse response = execute(client(), new HttpGet(server.url()));
            assertThat(response.getEntity().getContentEncoding()).isNull();
            assertThat(body(response)).isEqualTo("hello, hello");
        }
    }

    @Test
    void aHeadRequestHasNoBody() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) {
            CloseableHttpClient client = client();
            assertThat(execute(client, new HttpHead(server.url())).getEntity()).isNull();
            assertThat(execute(client, new HttpHead(server.url())).getCode()).isEqualTo(200);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Trap 2. */
    @Test
    void theSocketTimeoutCountsFromTheLastByte() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
            for (int i = 0; i < 100; i++) {
                Thread.sleep(50); // 5 s in all, but never 4
                peer.write("x");
            }
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxxx");
            peer.awaitClose();
        })) {
            CloseableHttpClient client =
                    client(MillpondConnectionManagerBuilder.create().setDefaultConnectionConfig(socketTimeout(4000)));
            assertThat(body(execute(client, new HttpGet(server.url())))).hasSize(100);
            assertThatThrownBy(() -> execute(client, new HttpGet(server.url())))
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("no byte for 4 s (socketTimeout): received 3 of 10 bytes of the body");
            assertThat(server.awaitEnd()).isZero();
        }
    }

    @Test
    void theResponseTimeoutOfOneRequestIsHonoured() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            HttpGet get = new HttpGet(server.url());
            get.setConfig(RequestConfig.custom()
                    .setResponseTimeout(200, TimeUnit.MILLISECONDS)
                    .build());
            assertThatThrownBy(() -> execute(client(), get))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("no byte for 200 ms");
        }
    }

    @Test
    void theSocketConfigsTimeoutIsHonoured() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setDefaultSocketConfig(SocketConfig.custom()
                            .setSoTimeout(200, TimeUnit.MILLISECONDS)
                            .setSoLinger(1, TimeUnit.SECONDS)
                            .setSoKeepAlive(true)
                            .setTcpKeepIdle(10)
                            .setTcpKeepInterval(5)
                            .setTcpKeepCount(3)
                            .setRcvBufSize(100_000)
                            .setSndBufSize(100_000)
                            .build()));
            assertThatThrownBy(() -> execute(client, new HttpGet(server.url())))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("no byte for 200 ms");
        }
    }

    @Test
    void limitsOfAnExistingMillpondAreTheDefaults() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    if (peer.readRequest().startsWith("GET /large ")) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
                    }
                    peer.awaitClose();
                });
                Millpond hasty = Millpond.builder()
                        .responseDeadline(Duration.ofMillis(300))
                        .build();
                Millpond small = Millpond.builder().maxResponseSize(1000).build()) {
            assertThatThrownBy(
                            () -> execute(client(hasty.connectionManagerBuilder()), new HttpGet(server.url("/slow"))))
                    .isInstanceOf(ResponseDeadlineException.class)
                    .hasMessageStartingWith("response not complete within 300 ms (responseDeadline)");
            assertThatThrownBy(
                            () -> execute(client(small.connectionManagerBuilder()), new HttpGet(server.url("/large"))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageContaining("maxResponseSize");
            assertThat(small.stats().bytesReceived()).isPositive();
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        MillpondConnectionManagerBuilder builder = MillpondConnectionManagerBuilder.create();
        assertThatThrownBy(() -> builder.setResponseDeadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("responseDeadline: expected more than zero, got PT0S");
        assertThatThrownBy(() -> builder.setMaxResponseSize(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxResponseSize: expected 0 or more, got -1");
    }

    @Test
    void malformedFramingIsAProtocolException() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello")) {
            assertThatThrownBy(() -> execute(client(), new HttpGet(server.url())))
                    .hasRootCauseInstanceOf(MalformedResponseException.class)
                    .hasCauseInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void aConnectionClosedBeforeTheResponseIsRetriedByApachesStrategy() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            if (connection > 0) {
                peer.write(OK);
                peer.awaitClose();
            }
        })) {
            assertThatThrownBy(() -> execute(client(), new HttpPost(server.url())))
                    .isInstanceOf(NoHttpResponseException.class)
                    .hasMessageContaining(":" + server.port() + " failed to respond");
            CloseableHttpClient retrying = client(
                    MillpondConnectionManagerBuilder.create(),
                    http -> http.setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1))));
            assertThat(body(execute(retrying, new HttpGet(server.url())))).isEqualTo("hello");
        }
    }

    /** Bytes that nobody asked for, while the connection is idle. */
    @Test
    void aConnectionThatSpeaksOutOfTurnIsNotUsedAgain() throws Exception {
        CountDownLatch spoken = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(OK);
            if (connection == 0) {
                Thread.sleep(50);
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                peer.awaitClose();
                spoken.countDown();
            } else {
                peer.awaitClose();
            }
        })) {
            CloseableHttpClient client = client();
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            spoken.await();
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void authenticationGoesOverTheSameConnection() throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write(
                        request.contains("Authorization: Basic dTpw")
                                ? OK
                                : "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno");
            }
        })) {
            CloseableHttpClient client = client(
                    MillpondConnectionManagerBuilder.create(),
                    http -> http.setDefaultCredentialsProvider(CredentialsProviderBuilder.create()
                            .add(new AuthScope("localhost", server.port()), "u", "p".toCharArray())
                            .build()));
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            assertThat(requests).hasSize(2);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Which sends no body for as long as the server says nothing: by default it is sent after 3 s. */
    private CloseableHttpClient patient() {
        Http1Config config = Http1Config.custom()
                .setWaitForContinueTimeout(org.apache.hc.core5.util.Timeout.ofMinutes(1))
                .build();
        return client(
                MillpondConnectionManagerBuilder.create(),
                http -> http.setRequestExecutor(new HttpRequestExecutor(config, null, null)));
    }

    private static HttpPut uploadExpectingContinue(RawServer server, InputStream content, long length) {
        HttpPut put = new HttpPut(server.url());
        put.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());
        put.setEntity(new InputStreamEntity(content, length, ContentType.APPLICATION_OCTET_STREAM));
        return put;
    }

    private static InputStream bytes(int count) {
        return new ByteArrayInputStream(new byte[count]);
    }

    @Test
    void aBodyIsSentWhenTheServerSaysContinue() throws Exception {
        AtomicReference<String> request = new AtomicReference<>("");
        AtomicInteger received = new AtomicInteger();
        try (RawServer server = new RawServer((peer, connection) -> {
            request.set(peer.readHead());
            assertThat(peer.in().available()).isZero();
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
            received.set(peer.in().readNBytes(100_000).length);
            peer.write(OK);
            peer.awaitClose();
        })) {
            assertThat(body(execute(patient(), uploadExpectingContinue(server, bytes(100_000), 100_000))))
                    .isEqualTo("hello");
            assertThat(request.get()).contains("Expect: 100-continue");
            assertThat(received).hasValue(100_000);
        }
    }

    /** The server refuses before the body: a chunked one is ended, so that the connection can be used again. */
    @Test
    void aBodyThatIsRefusedIsNotSent() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            for (int i = 0; i < 2; i++) {
                peer.readHead();
                peer.write("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
                assertThat(new String(peer.in().readNBytes(5), UTF_8)).isEqualTo("0\r\n\r\n");
            }
            peer.awaitClose();
        })) {
            CloseableHttpClient client = patient();
            for (int i = 0; i < 2; i++) {
                ClassicHttpResponse response = execute(client, uploadExpectingContinue(server, bytes(100_000), -1));
                assertThat(response.getCode()).isEqualTo(417);
                assertThat(body(response)).isEqualTo("no");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anEarlyResponseEndsTheUploadAndIsDelivered() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.in().readNBytes(100_000);
            peer.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
            peer.awaitClose();
        })) {
            HttpPost post = new HttpPost(server.url());
            post.setEntity(new InputStreamEntity(new Zeros(), ContentType.APPLICATION_OCTET_STREAM));
            ClassicHttpResponse response = execute(client(), post);
            assertThat(response.getCode()).isEqualTo(413);
            assertThat(body(response)).isEqualTo("big");
            assertThat(manager.getTotalStats().getAvailable()).isZero();
        }
    }

    /** A body of unknown length is on its way while it is still being written, and no faster than it is read. */
    @Test
    void uploadsStreamWithBackpressure() throws Exception {
        CompletableFuture<Long> stalledAt = new CompletableFuture<>();
        Zeros endless = new Zeros();
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.in().readNBytes(1000);
            // Until more is sent: an answer before that could come before the client goes on.
            for (long sent = stalledAt.get(); endless.count.get() <= sent; ) {
                peer.in().readNBytes(16 << 10);
            }
            peer.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setDefaultSocketConfig(
                            SocketConfig.custom().setSndBufSize(64 << 10).build()));
            HttpPost post = new HttpPost(server.url());
            post.setEntity(new InputStreamEntity(endless, ContentType.APPLICATION_OCTET_STREAM));
            FutureTask<Integer> upload = background(() -> execute(client, post).getCode());
            await(endless::isStalled);
            long sent = endless.count.get();
            assertThat(sent).isBetween(1000L, 32L << 20);
            stalledAt.complete(sent);
            assertThat(upload.get(30, TimeUnit.SECONDS)).isEqualTo(413);
            assertThat(endless.count).hasValueGreaterThan(sent);
        }
    }

    @Test
    void aBodyThatFailsInItsSourceFailsTheRequest() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            HttpPost post = new HttpPost(server.url());
            post.setEntity(new EntityTemplate(-1, ContentType.APPLICATION_OCTET_STREAM, null, target -> {
                throw new IOException("disk on fire");
            }));
            assertThatThrownBy(() -> execute(client(), post)).hasMessage("disk on fire");
            assertThat(server.awaitEnd()).isZero();
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    /** Endless; knows how much was read of it. */
    private static final class Zeros extends InputStream {

        private final AtomicLong count = new AtomicLong();
        private long seen = -1;
        private int unchanged;

        /** Whether nothing has been read at the last 100 looks. */
        boolean isStalled() {
            unchanged = count.get() > 0 && count.get() == seen ? unchanged + 1 : 0;
            seen = count.get();
            return unchanged > 100;
        }

        @Override
        public int read() {
            count.incrementAndGet();
            return 0;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            count.addAndGet(length);
            return length;
        }
    }

    @Test
    void refusedAndUnknownHaveApachesTypes() throws Exception {
        try (RefusingPort port = new RefusingPort()) {
            assertThatThrownBy(() -> execute(client(), new HttpGet("http://localhost:" + port.number())))
                    .isInstanceOf(HttpHostConnectException.class)
                    .hasMessageStartingWith("connect to localhost:" + port.number() + " failed: ");
        }
        assertThatThrownBy(() -> execute(client(), new HttpGet("http://nothing.invalid/")))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void theUsersResolversAreAsked() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            DnsResolver resolver = new DnsResolver() {
                @Override
                public InetAddress[] resolve(String host) throws UnknownHostException {
                    if (!host.equals("somewhere.invalid")) {
                        throw new UnknownHostException(host);
                    }
                    return new InetAddress[] {InetAddress.getByName("127.0.0.2"), InetAddress.getLoopbackAddress()};
                }

                @Override
                public String resolveCanonicalHostname(String host) {
                    return host;
                }
            };
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setDnsResolver(resolver)
                    .setSchemePortResolver(endpoint -> server.port()));
            assertThat(body(execute(client, new HttpGet("http://somewhere.invalid/"))))
                    .isEqualTo("hello");
            assertThatThrownBy(() -> execute(client, new HttpGet("http://elsewhere.invalid/")))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage("elsewhere.invalid");
        }
    }

    @Test
    void aUnixDomainSocket(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("http.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            FutureTask<Void> serving = background(() -> {
                try (SocketChannel peer = server.accept()) {
                    for (int i = 0; i < 2; i++) {
                        peer.read(ByteBuffer.allocate(10_000));
                        peer.write(ByteBuffer.wrap(OK.getBytes(UTF_8)));
                    }
                    return null;
                }
            });
            CloseableHttpClient client = client();
            for (int i = 0; i < 2; i++) {
                HttpGet get = new HttpGet("http://localhost/");
                get.setConfig(RequestConfig.custom().setUnixDomainSocket(path).build());
                assertThat(body(execute(client, get))).isEqualTo("hello");
            }
            serving.get(30, TimeUnit.SECONDS);
        }
    }

    /** What a connection factory sets is honoured, with a bridge around its connections. */
    @Test
    void theUsersConnectionFactoryIsHonoured() throws Exception {
        try (RawServer server =
                RawServer.answering("HTTP/1.1 200 OK\r\nX: " + "y".repeat(200) + "\r\nContent-Length: 0\r\n\r\n")) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                            .http1Config(
                                    Http1Config.custom().setMaxLineLength(100).build())
                            .build()));
            assertThatThrownBy(() -> execute(client, new HttpGet(server.url())))
                    .isInstanceOf(MessageConstraintException.class);
        }
        try (RawServer server = RawServer.answering(OK)) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setConnectionFactory(
                            ManagedHttpClientConnectionFactory.builder().build()));
            HttpEntity entity = execute(client, new HttpGet(server.url())).getEntity();
            assertThat(entity.isStreaming()).isFalse();
        }
    }

    @Test
    void longLinesAreReadWithoutAWordInTheConfiguration() throws Exception {
        String value = "y".repeat(50_000);
        try (RawServer server =
                RawServer.answering("HTTP/1.1 200 OK\r\nX: " + value + "\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(execute(client(), new HttpGet(server.url()))
                            .getFirstHeader("X")
                            .getValue())
                    .isEqualTo(value);
        }
    }

    /** Trap 3, and the table: whoever waits is told, and all is let go. */
    @Test
    void closingTheClientEndsWhatIsInMidBody() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
            half.countDown();
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client();
            FutureTask<ClassicHttpResponse> waiting = background(() -> execute(client, new HttpGet(server.url())));
            half.await();
            client.close();
            // The one if it waits for the response already, the other if it is only about to.
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfAny(SocketException.class, ConnectionClosedException.class);
            assertThat(server.awaitEnd()).isZero();
        }
    }

    @Test
    void anInterruptEndsTheWaitAndKeepsTheFlag() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            asked.countDown();
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>(false);
            Thread caller = new Thread(() -> {
                try {
                    execute(client, new HttpGet(server.url()));
                } catch (IOException e) {
                    failure.set(e);
                    flag.set(Thread.interrupted());
                }
            });
            caller.start();
            asked.await();
            caller.interrupt();
            caller.join(30_000);
            assertThat(failure.get())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("interrupted while waiting for a response");
            assertThat(flag.get()).isTrue();
            assertThat(server.awaitEnd()).isZero();
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void cancellingWhileConnectingEndsTheAttempt() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        try (AsyncCore core = AsyncCore.builder()
                .nameResolver(host -> {
                    asked.complete(host);
                    return new CompletableFuture<>();
                })
                .build()) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.over(
                    core,
                    dev.millpond.bridge.ResponseStorage.withDefaults(),
                    new dev.millpond.bridge.ResponseLimits(1000, Duration.ofSeconds(60), Duration.ofSeconds(60))));
            HttpGet get = new HttpGet("http://slow.invalid/");
            FutureTask<ClassicHttpResponse> waiting = background(() -> execute(client, get));
            assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("slow.invalid");
            get.cancel();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void manyCancellationsAtAnyMomentLeakNothing() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            CloseableHttpClient client = client();
            for (int i = 0; i < 300; i++) {
                HttpGet get = new HttpGet(server.url());
                FutureTask<Void> call = background(() -> {
                    try {
                        body(execute(client, get));
                    } catch (IOException | RuntimeException expected) {
                        // The latter are Apache's own, for a cancellation between two of its steps.
                    }
                    return null;
                });
                long until = System.nanoTime() + i * 5_000L;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                get.cancel();
                call.get(30, TimeUnit.SECONDS);
            }
            assertThat(manager.getTotalStats().getLeased()).isZero();
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
        }
    }

    @Test
    void anEventLoopMustNotWait() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                RawServer silent = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond millpond =
                        Millpond.builder().callbackExecutor(Runnable::run).build()) {
            CloseableHttpClient client = client(millpond.connectionManagerBuilder());
            CompletableFuture<ClassicHttpResponse> nested =
                    millpond.fetch(new HttpGet(server.url()), response -> execute(client, new HttpGet(silent.url())));
            assertThatThrownBy(() -> nested.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("an event loop must not wait");
        }
    }

    @Test
    void theLocalAddressIsBoundTo() throws Exception {
        AtomicReference<String> from = new AtomicReference<>("");
        try (RawServer server = new RawServer((peer, connection) -> {
            from.set(((InetSocketAddress) peer.socket().getRemoteSocketAddress())
                    .getAddress()
                    .getHostAddress());
            peer.readRequest();
            peer.write(OK);
        })) {
            CloseableHttpClient client = client(
                    MillpondConnectionManagerBuilder.create(),
                    http -> http.setRoutePlanner(new org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner(null) {
                        @Override
                        protected InetAddress determineLocalAddress(
                                org.apache.hc.core5.http.HttpHost firstHop,
                                org.apache.hc.core5.http.protocol.HttpContext context) {
                            try {
                                return InetAddress.getByName("127.0.0.9");
                            } catch (UnknownHostException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }));
            body(execute(client, new HttpGet("http://127.0.0.1:" + server.port())));
            assertThat(from).hasValue("127.0.0.9");
        }
    }

    @Test
    void thePostBodyArrivesAndTheContextKnowsTheEndpoint() throws Exception {
        AtomicReference<String> request = new AtomicReference<>("");
        try (RawServer server = new RawServer((peer, connection) -> {
            request.set(peer.readRequest());
            peer.write(OK);
            peer.awaitClose();
        })) {
            HttpPost post = new HttpPost(server.url());
            post.setEntity(new StringEntity("question"));
            HttpClientContext context = HttpClientContext.create();
            body(execute(client(), post, context));
            assertThat(request.get()).endsWith("\r\n\r\nquestion");
            assertThat(((InetSocketAddress) context.getEndpointDetails().getRemoteAddress()).getPort())
                    .isEqualTo(server.port());
            assertThat(context.getSSLSession()).isNull();
        }
    }
}
