package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.Millpond;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hc.client5.http.UnsupportedSchemeException;
import org.apache.hc.client5.http.impl.ConnectionShutdownException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FetchTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final Millpond millpond =
            Millpond.builder().socketTimeout(Duration.ofSeconds(10)).build();

    @AfterEach
    void close() {
        millpond.close();
    }

    @Test
    void aResponseComesAsTheServerSentIt() throws Exception {
        try (RawServer server = RawServer.answering(
                "HTTP/1.1 404 Nix da\r\nContent-Type: text/plain; charset=utf-8\r\nX: 1\r\nX: 2\r\nContent-Length: 5\r\n\r\nhello")) {
            ClassicHttpResponse response = millpond.fetch(get(server)).join();
            assertThat(response.getCode()).isEqualTo(404);
            assertThat(response.getReasonPhrase()).isEqualTo("Nix da");
            assertThat(response.getHeaders("x")).hasSize(2);
            assertThat(response.getEntity().getContentType()).isEqualTo("text/plain; charset=utf-8");
            assertThat(response.getEntity().getContentLength()).isEqualTo(5);
            assertThat(response.getEntity().isRepeatable()).isTrue();
            assertThat(response.getEntity().isStreaming()).isFalse();
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hello");
            assertThat(response.getEntity().getContent().readAllBytes()).hasSize(5);
        }
    }

    @Test
    void aChunkedResponseIsDecodedAndKeepsItsTrailers() throws Exception {
        try (RawServer server = RawServer.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nSum: 11\r\n\r\n")) {
            ClassicHttpResponse response = millpond.fetch(get(server)).join();
            assertThat(response.getEntity().getContentLength()).isEqualTo(-1);
            assertThat(response.getEntity().isChunked()).isTrue();
            assertThat(response.getEntity().getTrailerNames()).containsExactly("Sum");
            assertThat(response.getEntity().getTrailers().get()).hasToString("[Sum: 11]");
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hello world");
        }
    }

    @Test
    void theConnectionIsFreeBeforeTheCallerSeesTheResponse() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                Millpond single = Millpond.builder().maxConnectionsTotal(1).build()) {
            for (int i = 0; i < 100; i++) {
                single.fetch(get(server)).join(); // never closed
                assertThat(single.stats().connectionsLeased()).isZero();
            }
            assertThat(server.connections()).isEqualTo(1);
            assertThat(single.stats().connectionsReused()).isEqualTo(99);
        }
    }

    @Test
    void aHandlerRunsOnTheCallbackExecutorAndTheResponseIsClosedAfterIt() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            AtomicReference<ClassicHttpResponse> seen = new AtomicReference<>();
            AtomicReference<Thread> thread = new AtomicReference<>();
            String body = millpond.fetch(get(server), response -> {
                        seen.set(response);
                        thread.set(Thread.currentThread());
                        return EntityUtils.toString(response.getEntity());
                    })
                    .join();
            assertThat(body).isEqualTo("hello");
            assertThat(thread.get().getName()).doesNotContain("loop");
            assertThatThrownBy(() -> seen.get().getEntity().getContent().read())
                    .isInstanceOf(IOException.class)
                    .hasMessage("response closed");
        }
    }

    @Test
    void whatAHandlerThrowsFailsTheFuture() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            assertThat(failure(millpond.fetch(get(server), response -> {
                        throw new ProtocolException("no good");
                    })))
                    .hasMessage("no good");
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void aCallbackMayWaitForAnotherFetch() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(millpond.fetch(
                        get(server),
                        response -> EntityUtils.toString(
                                millpond.fetch(get(server)).join().getEntity())));
            }
            for (CompletableFuture<String> one : all) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo("hello");
            }
        }
    }

    @Test
    void waitingOnAnEventLoopIsRefusedInsteadOfADeadlock() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                Millpond direct = Millpond.builder()
                        .callbackExecutor(Runnable::run)
                        .eventLoopThreads(1)
                        .build()) {
            assertThat(failure(direct.fetch(
                            get(server), response -> direct.fetch(get(server)).join())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("an event loop must not wait");
        }
    }

    @Test
    void aRequestIsSentWholeAndTheOriginalLeftAsItWas() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            requests.add(peer.readRequest());
            peer.write(OK);
            peer.awaitClose();
        })) {
            ClassicHttpRequest request = ClassicRequestBuilder.post(server.url("/a/b?c=d%20e"))
                    .setEntity(new StringEntity("grüße", ContentType.TEXT_PLAIN.withCharset(UTF_8)))
                    .addHeader("X-Mine", "1")
                    .build();
            millpond.fetch(request).join();
            String sent = requests.take();
            assertThat(sent)
                    .startsWith("POST /a/b?c=d%20e HTTP/1.1\r\n")
                    .contains("\r\nX-Mine: 1\r\n", "\r\nContent-Length: 7\r\n", "\r\nHost: localhost:" + server.port())
                    .contains("\r\nUser-Agent: Millpond")
                    .endsWith("\r\n\r\n" + new String("grüße".getBytes(UTF_8), ISO_8859_1));
            assertThat(request.containsHeader("Host")).isFalse();
        }
    }

    @Test
    void aFileAndAStreamAreUploadedWithBackpressure(@TempDir Path dir) throws Exception {
        byte[] body = new byte[3_000_000];
        java.util.Arrays.fill(body, (byte) 'x');
        Path file = Files.write(dir.resolve("body"), body);
        LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                if (request.contains("chunked")) {
                    StringBuilder all = new StringBuilder(request);
                    while (all.indexOf("\r\n0\r\n\r\n", all.length() - 7) < 0) {
                        byte[] some = new byte[64 << 10];
                        all.append(new String(some, 0, peer.in().read(some), ISO_8859_1));
                    }
                    request = all.toString();
                }
                received.add(request);
                peer.write(OK);
            }
        })) {
            millpond.fetch(ClassicRequestBuilder.put(server.url())
                            .setEntity(new FileEntity(file.toFile(), ContentType.APPLICATION_OCTET_STREAM))
                            .build())
                    .get(30, TimeUnit.SECONDS);
            assertThat(received.take()).contains("Content-Length: 3000000").endsWith("x".repeat(3_000_000));
            millpond.fetch(ClassicRequestBuilder.put(server.url())
                            .setEntity(new InputStreamEntity(new ByteArrayInputStream(body), ContentType.TEXT_PLAIN))
                            .build())
                    .get(30, TimeUnit.SECONDS);
            String chunked = received.take();
            assertThat(chunked).contains("Transfer-Encoding: chunked").endsWith("0\r\n\r\n");
            assertThat(chunked.substring(chunked.indexOf("\r\n\r\n"))
                            .chars()
                            .filter(c -> c == 'x')
                            .count())
                    .isEqualTo(3_000_000);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anEarlyResponseEndsTheUploadAndIsDelivered() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            peer.shutdownOutput();
            peer.awaitClose();
        })) {
            EndlessInputStream endless = new EndlessInputStream();
            ClassicHttpResponse response = millpond.fetch(ClassicRequestBuilder.post(server.url())
                            .setEntity(new InputStreamEntity(endless, ContentType.TEXT_PLAIN))
                            .build())
                    .get(30, TimeUnit.SECONDS);
            assertThat(response.getCode()).isEqualTo(413);
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("big");
            assertThat(endless.closed.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void aBodyThatFailsFailsTheFetchAndClosesTheConnection() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            assertThat(failure(millpond.fetch(ClassicRequestBuilder.post(server.url())
                            .setEntity(new InputStreamEntity(
                                    new ByteArrayInputStream(new byte[10]), 11, ContentType.TEXT_PLAIN))
                            .build())))
                    .isInstanceOf(IOException.class)
                    .hasMessage("request body: content-length is 11, entity wrote 10 bytes");
            server.awaitEnd();
        }
    }

    @Test
    void aClosedIdleConnectionLeavesThePoolAtOnce() throws Exception {
        CountDownLatch mayClose = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(OK);
            mayClose.await();
        })) {
            millpond.fetch(get(server)).join();
            assertThat(millpond.stats().connectionsIdle()).isEqualTo(1);
            mayClose.countDown();
            await(() -> millpond.stats().connectionsIdle() == 0);
        }
    }

    @Test
    void anIdleConnectionThatReceivesBytesIsClosedAtOnce() throws Exception {
        CountDownLatch idle = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(OK);
            if (connection == 0) {
                idle.await();
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            }
            peer.awaitClose();
        })) {
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
            idle.countDown();
            assertThat(server.awaitEnd()).isZero();
            await(() -> millpond.stats().connectionsIdle() == 0);
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
        }
    }

    @Test
    void aConnectionThatClosesOnReuseIsReplacedOnceForAnIdempotentRequest() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(OK);
            peer.readRequest(); // and closes without an answer
        })) {
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
            assertThat(body(millpond.fetch(get(server)))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void itIsNotReplacedForAPostNorOnAFreshConnection() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    if (connection == 0) {
                        peer.write(OK);
                        peer.readRequest();
                    }
                });
                Millpond once = Millpond.builder().disableRetries().build()) {
            assertThat(body(once.fetch(get(server)))).isEqualTo("hello");
            assertThat(failure(once.fetch(ClassicRequestBuilder.post(server.url())
                            .setEntity("x")
                            .build())))
                    .isInstanceOf(NoHttpResponseException.class)
                    .hasMessage("localhost:" + server.port() + " failed to respond");
            assertThat(failure(once.fetch(get(server)))).isInstanceOf(NoHttpResponseException.class);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aTruncatedResponseFailsWithItsCounts() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
        for (boolean reset : new boolean[] {false, true}) {
            long before = millpond.stats().bytesReceived();
            try (RawServer server = new RawServer((peer, connection) -> {
                peer.readRequest();
                peer.write(head + "x".repeat(500));
                if (reset) {
                    // It overtakes bytes that were not read yet.
                    await(() -> millpond.stats().bytesReceived() >= before + head.length() + 500);
                    peer.reset();
                }
            })) {
                Throwable failure = failure(millpond.fetch(get(server)));
                assertThat(failure)
                        .isInstanceOf(IncompleteResponseException.class)
                        .hasMessage("response incomplete: received 500 of 1000 bytes of the body");
                assertThat(millpond.stats().connectionsLeased()).isZero();
            }
        }
    }

    @Test
    void aMalformedResponseIsAProtocolException() throws Exception {
        try (RawServer server =
                RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")) {
            assertThat(failure(millpond.fetch(get(server))))
                    .isInstanceOf(ProtocolException.class)
                    .hasCauseInstanceOf(MalformedResponseException.class);
        }
    }

    @Test
    void aDripFailsAtTheDeadline() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                    for (int i = 0; i < 1000; i++) {
                        peer.write("x");
                        Thread.sleep(50);
                    }
                });
                Millpond patient = Millpond.builder()
                        .responseDeadline(Duration.ofSeconds(2))
                        .build()) {
            assertThat(failure(patient.fetch(get(server))))
                    .isInstanceOf(ResponseDeadlineException.class)
                    .hasMessageStartingWith("response not complete within 2 s (responseDeadline): received ");
            server.awaitEnd();
        }
    }

    @Test
    void silenceFailsAtTheSocketTimeout() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond hasty =
                        Millpond.builder().socketTimeout(Duration.ofMillis(200)).build()) {
            assertThat(failure(hasty.fetch(get(server))))
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("no byte for 200 ms (socketTimeout): received 0 bytes of the head");
            server.awaitEnd();
        }
    }

    @Test
    void aResponseLargerThanTheLimitIsRefused() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4611686018427387904\r\n\r\n0123456789");
                    peer.awaitClose();
                });
                Millpond small = Millpond.builder().maxResponseSize(1000).build()) {
            assertThat(failure(small.fetch(get(server))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageContaining("maxResponseSize is 1000 bytes");
            server.awaitEnd();
        }
    }

    @Test
    void cancellingInMidBodyClosesTheConnection() throws Exception {
        CountDownLatch inBody = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
            inBody.countDown();
            peer.awaitClose();
        })) {
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(get(server));
            assertThat(inBody.await(30, TimeUnit.SECONDS)).isTrue();
            response.cancel(true);
            assertThat(server.awaitEnd()).isZero();
            assertThat(millpond.stats().connectionsLeased()).isZero();
            assertThatThrownBy(response::join).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void orTimeoutEndsTheExchangeToo() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(get(server));
            await(() -> server.connections() == 1);
            response.orTimeout(100, TimeUnit.MILLISECONDS);
            assertThatThrownBy(response::get).isInstanceOf(ExecutionException.class);
            assertThat(server.awaitEnd()).isZero();
        }
    }

    @Test
    void anInterruptOfWhoWaitsEndsTheExchange() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            asked.countDown();
            peer.awaitClose();
        })) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            CompletableFuture<ClassicHttpResponse> limited = millpond.fetch(get(server));
            Thread first = interruptible(waiting::get);
            Thread second = interruptible(() -> limited.get(1, TimeUnit.HOURS));
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            first.interrupt();
            second.interrupt();
            assertThat(List.of(server.awaitEnd(), server.awaitEnd())).containsExactlyInAnyOrder(0, 1);
            await(() -> waiting.isCancelled() && limited.isCancelled());
            await(() -> millpond.stats().connectionsLeased() == 0);
        }
    }

    /** Whose {@code get} gives up tells nothing of the exchange: others may wait for it. */
    @Test
    void aTimeoutOfWhoWaitsLeavesTheExchangeAlone() throws Exception {
        CountDownLatch gaveUp = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            gaveUp.await();
            peer.write(OK);
        })) {
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(get(server));
            assertThatThrownBy(() -> response.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            gaveUp.countDown();
            assertThat(response.get(30, TimeUnit.SECONDS).getCode()).isEqualTo(200);
        }
    }

    private static Thread interruptible(Callable<?> wait) {
        Thread thread = new Thread(() -> assertThatThrownBy(wait::call).isInstanceOf(InterruptedException.class));
        thread.start();
        return thread;
    }

    @Test
    void aFetchWaitsForALeaseAndSaysWhyItGotNone() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond single = Millpond.builder()
                        .maxConnectionsPerRoute(1)
                        .responseDeadline(Duration.ofMillis(400))
                        .build()) {
            CompletableFuture<ClassicHttpResponse> first = single.fetch(get(server));
            CompletableFuture<ClassicHttpResponse> second = single.fetch(get(server));
            CompletableFuture<ClassicHttpResponse> cancelled = single.fetch(get(server));
            cancelled.cancel(true);
            assertThat(failure(first)).isInstanceOf(ResponseDeadlineException.class);
            assertThat(failure(second))
                    .satisfiesAnyOf(
                            e -> assertThat(e)
                                    .isInstanceOf(ConnectionRequestTimeoutException.class)
                                    .hasMessageMatching(
                                            "no connection within 400 ms: route http://localhost:\\d+, leased \\d,"
                                                    + " pending \\d, limit 1"),
                            // the first one's place may have come free just before
                            e -> assertThat(e).isInstanceOf(ResponseDeadlineException.class));
        }
    }

    @RepeatedTest(20) // each has its own order of failing
    void closingFailsWhatIsInFlightAndWhatComesLater() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            Millpond closing = Millpond.builder().maxConnectionsPerRoute(1).build();
            CompletableFuture<ClassicHttpResponse> sent = closing.fetch(get(server));
            List<CompletableFuture<ClassicHttpResponse>> waiting =
                    Stream.generate(() -> closing.fetch(get(server))).limit(20).toList();
            await(() -> server.connections() == 1);
            closing.close();
            closing.close();
            assertThat(failure(sent)).isInstanceOf(ConnectionShutdownException.class);
            for (CompletableFuture<ClassicHttpResponse> one : waiting) {
                assertThat(failure(one))
                        .isInstanceOf(ConnectionShutdownException.class)
                        .hasMessage("millpond is closed");
            }
            assertThat(failure(closing.fetch(get(server)))).isInstanceOf(ConnectionShutdownException.class);
            assertThat(server.awaitEnd()).isZero();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anInterruptedThreadMayFetch() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            Thread.currentThread().interrupt();
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(get(server));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(body(response)).isEqualTo("hello");
        }
    }

    @Test
    void anExecutorThatRefusesFailsTheFuture() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                Millpond refusing = Millpond.builder()
                        .callbackExecutor(task -> {
                            throw new RejectedExecutionException("full");
                        })
                        .build()) {
            assertThat(failure(refusing.fetch(get(server)))).hasMessage("full");
            assertThat(refusing.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void failuresToConnectHaveApachesTypes() throws Exception {
        try (RefusingPort port = new RefusingPort()) {
            assertThat(failure(millpond.fetch(ClassicRequestBuilder.get("http://localhost:" + port.number() + "/")
                            .build())))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageStartingWith("connect to localhost:" + port.number() + " failed: ");
        }
        assertThat(failure(millpond.fetch(
                        ClassicRequestBuilder.get("http://nothing.invalid/").build())))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("nothing.invalid");
    }

    @Test
    void requestsThatCannotBeSentAreRefused() {
        assertThat(failure(millpond.fetch(
                        ClassicRequestBuilder.get("ftp://localhost/").build())))
                .isInstanceOf(UnsupportedSchemeException.class)
                .hasMessage("scheme: expected http or https, got ftp");
        assertThat(failure(millpond.fetch(
                        ClassicRequestBuilder.get("http://localhost:0/").build())))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("port: expected 1 to 65535, got 0");
        assertThat(millpond.stats().connectionsLeased()).isZero();
        assertThat(failure(millpond.fetch(new BasicClassicHttpRequest("GET", "/path"))))
                .isInstanceOf(ProtocolException.class);
        BasicClassicHttpRequest smuggled = new BasicClassicHttpRequest("GET", "/ HTTP/1.1\r\nX: y\r\n\r\nGET /");
        smuggled.setScheme("http");
        smuggled.setAuthority(new org.apache.hc.core5.net.URIAuthority("localhost", 1));
        assertThat(failure(millpond.fetch(smuggled)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("request target: expected no space or control character");
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    private static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(response.get(30, TimeUnit.SECONDS).getEntity());
    }

    static Throwable failure(CompletableFuture<?> future) {
        try {
            future.orTimeout(30, TimeUnit.SECONDS).join();
            throw new AssertionError("expected a failure, got " + future);
        } catch (CompletionException e) {
            return java.util.Objects.requireNonNull(e.getCause());
        }
    }

    static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within 30 s");
            }
            Thread.sleep(5);
        }
    }

    private static final class EndlessInputStream extends java.io.InputStream {
        final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int read() {
            return 'x';
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            java.util.Arrays.fill(target, offset, offset + length, (byte) 'x');
            return length;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
