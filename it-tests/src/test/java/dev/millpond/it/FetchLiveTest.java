package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FetchLiveTest {

    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n";
    private static final String TEN = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final BlockingQueue<String> next = new LinkedBlockingQueue<>();
    private Millpond millpond = client().build();

    /** With one connection, so that one that is not given back is missed. */
    private static MillpondBuilder client() {
        return Millpond.builder().socketTimeout(Duration.ofSeconds(20)).maxConnectionsTotal(1);
    }

    private void use(MillpondBuilder builder) {
        millpond.close();
        millpond = builder.build();
    }

    @AfterEach
    void close() {
        millpond.close();
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    private ClassicHttpResponse live(RawServer server) throws Exception {
        return millpond.fetchLive(get(server)).get(30, TimeUnit.SECONDS);
    }

    private void awaitNoLease() throws InterruptedException {
        FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
    }

    private void assertUsable(RawServer server) throws Exception {
        next.add("");
        next.add("");
        assertThat(millpond.fetch(get(server), response -> EntityUtils.toString(response.getEntity()))
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo("hello");
        awaitNoLease();
    }

    /** Answers the first request with that, and what is put into {@code next} up to an empty string; others with OK. */
    private RawServer serving(String first) {
        CountDownLatch begun = new CountDownLatch(1);
        return new RawServer((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                if (begun.getCount() == 0) {
                    peer.write(OK);
                    continue;
                }
                begun.countDown();
                peer.write(first);
                for (String more = next.take(); !more.isEmpty(); more = next.take()) {
                    peer.write(more);
                }
            }
        });
    }

    @Test
    void theHeadComesAtOnceAndTheBodyAsItIsSent() throws Exception {
        try (RawServer server = serving(CHUNKED)) {
            ClassicHttpResponse response = live(server);
            HttpEntity entity = response.getEntity();
            assertThat(entity.isStreaming()).isTrue();
            assertThat(entity.isRepeatable()).isFalse();
            assertThat(entity.isChunked()).isTrue();
            assertThat(entity.getContentLength()).isEqualTo(-1);
            assertThat(entity.getTrailerNames()).containsExactly("Sum");
            InputStream body = entity.getContent();
            next.add("5\r\nhello\r\n");
            assertThat(body.readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
            assertThat(entity.getTrailers().get()).isEmpty();
            assertThat(millpond.stats().connectionsLeased()).isEqualTo(1);
            next.add("6\r\n world\r\n0\r\nSum: 11\r\nX: y\r\n\r\n");
            assertThat(body.readAllBytes()).asString(US_ASCII).isEqualTo(" world");
            assertThat(millpond.stats().connectionsLeased()).isZero();
            assertThat(entity.getTrailers().get()).hasToString("[Sum: 11, X: y]");
            response.close();
            assertThat(body.read()).isEqualTo(-1);
            assertUsable(server);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionIsFreeWhenAllHasArrivedThoughNothingWasRead() throws Exception {
        try (RawServer server = serving(TEN)) {
            ClassicHttpResponse response = live(server);
            assertThat(response.getEntity().getContentLength()).isEqualTo(10);
            next.add("0123456789");
            awaitNoLease();
            assertUsable(server);
            assertThat(server.connections()).isEqualTo(1);
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("0123456789");
        }
    }

    @Test
    void whatWasClosedUnreadDoesNotLookWhole() throws Exception {
        try (RawServer server = serving(TEN)) {
            ClassicHttpResponse response = live(server);
            next.add("0123456789");
            awaitNoLease();
            response.close();
            assertThatThrownBy(() -> response.getEntity().getContent().read())
                    .isInstanceOf(IOException.class)
                    .hasMessage("response closed");
            assertUsable(server);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void closingBeforeTheEndClosesTheConnection() throws Exception {
        try (RawServer server = serving(TEN)) {
            ClassicHttpResponse response = live(server);
            next.add("01234");
            assertThat(response.getEntity().getContent().readNBytes(5)).hasSize(5);
            response.close();
            awaitNoLease();
            assertUsable(server);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void whatIsForgottenIsClosedOnceItIsGarbage() throws Exception {
        try (RawServer server = serving(CHUNKED)) {
            assertThat(live(server).getCode()).isEqualTo(200);
            FetchTest.await(() -> {
                System.gc();
                return millpond.stats().connectionsLeased() == 0;
            });
            assertUsable(server);
        }
    }

    @Test
    void aBodyThatIsHereWithTheHeadOrHasNoneIsComplete() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            ClassicHttpResponse response = live(server);
            assertThat(response.getEntity().isRepeatable()).isTrue();
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hello");
            assertThat(millpond.fetchLive(
                                    ClassicRequestBuilder.head(server.url()).build())
                            .get(30, TimeUnit.SECONDS)
                            .getEntity()
                            .getContentLength())
                    .isZero();
        }
    }

    @Test
    void aBodyThatIsCutOffFailsThere() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(TEN);
            peer.write(next.take());
            next.take();
        })) {
            InputStream body = live(server).getEntity().getContent();
            next.add("01234");
            assertThat(body.readNBytes(5)).hasSize(5);
            next.add("and close");
            assertThatThrownBy(body::read)
                    .isInstanceOf(IncompleteResponseException.class)
                    .hasMessageContaining("received 5 of 10 bytes");
            awaitNoLease();
        }
    }

    @Test
    void silenceFailsARead() throws Exception {
        use(client().socketTimeout(Duration.ofSeconds(2)));
        try (RawServer server = serving(CHUNKED)) {
            InputStream body = live(server).getEntity().getContent();
            assertThatThrownBy(body::read)
                    .isInstanceOf(SocketTimeoutException.class)
                    .isNotInstanceOf(ResponseDeadlineException.class)
                    .hasMessage("no byte for 2 s (socketTimeout)");
            next.add("5\r\nhello\r\n");
            assertThat(body.readNBytes(5)).hasSize(5);
            body.close();
            awaitNoLease();
        }
    }

    @Test
    void theDeadlineIsForTheHead() throws Exception {
        Duration deadline = Duration.ofSeconds(2);
        use(client().responseDeadline(deadline));
        try (RawServer server = serving(CHUNKED)) {
            InputStream body = live(server).getEntity().getContent();
            long latest = System.nanoTime() + deadline.toNanos();
            FetchTest.await(() -> System.nanoTime() - latest > 0);
            next.add("5\r\nhello\r\n");
            assertThat(body.readNBytes(5)).hasSize(5);
            body.close();
            awaitNoLease();
        }
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            assertThat(FetchTest.failure(millpond.fetchLive(get(server))))
                    .isInstanceOf(ResponseDeadlineException.class);
        }
    }

    @Test
    void maxResponseSizeIsNotForLiveBodies() throws Exception {
        use(client().maxResponseSize(5));
        try (RawServer server = serving(TEN)) {
            InputStream body = live(server).getEntity().getContent();
            next.add("0123456789");
            assertThat(body.readAllBytes()).hasSize(10);
        }
    }

    @Test
    void anEncodedBodyIsDecodedAsItComesWithinItsLimits() throws Exception {
        use(client().maxDecodedSize(7));
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(encoded, 512, true)) {
            gzip.write("hello".getBytes(US_ASCII));
            gzip.flush();
            int first = encoded.size();
            gzip.write("world".getBytes(US_ASCII));
            gzip.finish();
            byte[] all = encoded.toByteArray();
            try (RawServer server = new RawServer((peer, connection) -> {
                assertThat(peer.readRequest()).contains("Accept-Encoding: gzip");
                peer.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + all.length + "\r\n\r\n");
                peer.write(java.util.Arrays.copyOf(all, first));
                assertThat(next.take()).isEqualTo("rest");
                peer.write(java.util.Arrays.copyOfRange(all, first, all.length));
                peer.awaitClose();
            })) {
                InputStream body = live(server).getEntity().getContent();
                assertThat(body.readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
                next.add("rest");
                assertThatThrownBy(body::readAllBytes)
                        .isInstanceOf(ResponseTooLargeException.class)
                        .hasMessageContaining("maxDecodedSize");
            }
        }
    }

    @Test
    void redirectsChallengesAndRetriesAreFollowedOnOneConnection() throws Exception {
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope("localhost", -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
        use(client().credentialsProvider(credentials).retryStrategy(new SoonRetryStrategy()));
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String head : new String[] {
                "302 Found\r\nLocation: /b", "401 No\r\nWWW-Authenticate: Basic realm=\"r\"", "503 Later"
            }) {
                peer.readRequest();
                peer.write("HTTP/1.1 " + head + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                peer.write("5\r\nhello\r\n0\r\n\r\n");
            }
            assertThat(peer.readRequest()).startsWith("GET /b ").contains("Authorization: Basic ");
            peer.write(CHUNKED);
            peer.write(next.take());
            peer.awaitClose();
        })) {
            ClassicHttpResponse response = live(server);
            assertThat(response.getCode()).isEqualTo(200);
            next.add("2\r\nok\r\n0\r\n\r\n");
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("ok");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Apache's own, without its interval. */
    private static class SoonRetryStrategy extends org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy {

        SoonRetryStrategy() {
            super(1, TimeValue.ofMilliseconds(1));
        }
    }

    @Test
    void aLiveResponseThatAStageAnswersIsClosed() throws Exception {
        use(client().retryStrategy(new SoonRetryStrategy() {
            @Override
            public boolean retryRequest(
                    org.apache.hc.core5.http.HttpResponse response,
                    int count,
                    org.apache.hc.core5.http.protocol.HttpContext context) {
                return response.getCode() == 500;
            }
        }));
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(
                    connection == 0 ? "HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\n" : OK.replace("hello", "again"));
            peer.awaitClose();
        })) {
            assertThat(EntityUtils.toString(live(server).getEntity())).isEqualTo("again");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void cancellingBeforeTheHeadEndsTheExchange() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            asked.countDown();
            peer.awaitClose();
        })) {
            CompletableFuture<ClassicHttpResponse> fetch = millpond.fetchLive(get(server));
            asked.await();
            fetch.cancel(true);
            assertThat(server.awaitEnd()).isZero();
            awaitNoLease();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingTheClientFailsReadersAtOnce(boolean reading) throws Exception {
        try (RawServer server = serving(CHUNKED)) {
            InputStream body = live(server).getEntity().getContent();
            CompletableFuture<@Nullable Integer> read = new CompletableFuture<>();
            Thread reader = new Thread(() -> {
                try {
                    read.complete(body.read());
                } catch (IOException e) {
                    read.completeExceptionally(e);
                }
            });
            if (reading) {
                reader.start();
                FetchTest.await(() -> reader.getState() == Thread.State.TIMED_WAITING);
                millpond.close();
            } else {
                millpond.close();
                reader.start();
            }
            assertThat(FetchTest.failure(read))
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessage("millpond is closed");
        }
    }

    @Test
    void aSlowReaderLeavesTheRestToTheServer() throws Exception {
        byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(US_ASCII);
        int chunks = 5000; // 20 MB
        CountDownLatch sent = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.socket().setSendBufferSize(256 << 10);
            peer.readRequest();
            peer.write(CHUNKED);
            for (int i = 0; i < chunks; i++) {
                peer.write(chunk);
            }
            peer.write("0\r\n\r\n");
            sent.countDown();
            peer.awaitClose();
        })) {
            InputStream body = live(server).getEntity().getContent();
            assertThat(body.readNBytes(100)).hasSize(100);
            assertThat(millpond.stats().bytesReceived()).isLessThan(10_000_000);
            assertThat(sent.getCount()).isEqualTo(1);
            assertThat(body.readAllBytes()).hasSize(chunks * 0x1000 - 100);
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void aRequestBodyMayGoOnWhileTheResponseComesAndItsFailureEndsBoth() throws Exception {
        CountDownLatch headSeen = new CountDownLatch(1);
        HttpEntity failing = new WrittenEntity(out -> {
            out.write("hello".getBytes(US_ASCII));
            out.flush();
            headSeen.await();
            throw new IOException("source is gone");
        });
        try (RawServer server = serving(CHUNKED)) {
            ClassicHttpRequest request =
                    ClassicRequestBuilder.post(server.url()).setEntity(failing).build();
            InputStream body = millpond.fetchLive(request)
                    .get(30, TimeUnit.SECONDS)
                    .getEntity()
                    .getContent();
            headSeen.countDown();
            assertThatThrownBy(body::read).isInstanceOf(IOException.class).hasMessage("source is gone");
            awaitNoLease();
        }
    }

    private interface Writing {
        void to(java.io.OutputStream out) throws IOException, InterruptedException;
    }

    private static final class WrittenEntity extends AbstractHttpEntity {

        private final Writing writing;

        WrittenEntity(Writing writing) {
            super((String) null, null, true);
            this.writing = writing;
        }

        @Override
        public void writeTo(java.io.OutputStream out) throws IOException {
            try {
                writing.to(out);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public InputStream getContent() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isStreaming() {
            return true;
        }

        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public void close() {}
    }

    @Test
    void aStrategyOfTheUsersDecidesOnKeepingTheConnection() throws Exception {
        use(client().connectionReuseStrategy((request, response, context) -> {
            assertThat(Thread.currentThread().getName()).doesNotContain("loop");
            return false;
        }));
        try (RawServer server = serving(TEN)) {
            ClassicHttpResponse response = live(server);
            next.add("0123456789");
            assertThat(EntityUtils.toString(response.getEntity())).hasSize(10);
            awaitNoLease();
            assertUsable(server);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aContextAndADeadlineMayBeGiven() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            assertThat(FetchTest.failure(millpond.fetchLive(
                            get(server), FetchOptions.defaults().deadline(Duration.ofMillis(50)))))
                    .isInstanceOf(ResponseDeadlineException.class);
            awaitNoLease();
        }
    }
}
