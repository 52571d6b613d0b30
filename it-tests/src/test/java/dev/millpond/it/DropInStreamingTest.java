package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.SocketConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Responses that never end by design. */
@Timeout(60)
class DropInStreamingTest extends DropInTestBase {

    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static BufferedReader reader(ClassicHttpResponse response) throws IOException {
        return new BufferedReader(new InputStreamReader(response.getEntity().getContent(), UTF_8));
    }

    @Test
    void eventsAreReadAsTheyCome() throws Exception {
        Semaphore next = new Semaphore(0);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS);
            for (int i = 0; i < 3; i++) {
                next.acquire();
                peer.write(chunk("data: " + i + "\n"));
            }
            next.acquire();
            peer.write("0\r\n\r\n");
            peer.readRequest();
            peer.write(OK);
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client();
            ClassicHttpResponse response = execute(client, new HttpGet(server.url()));
            assertThat(response.getEntity().isStreaming()).isTrue();
            assertThat(manager.getTotalStats().getLeased()).isEqualTo(1);
            BufferedReader lines = reader(response);
            for (int i = 0; i < 3; i++) {
                next.release();
                assertThat(lines.readLine()).isEqualTo("data: " + i);
            }
            next.release();
            assertThat(lines.readLine()).isNull();
            assertThat(manager.getTotalStats().getLeased()).isZero();
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void picturesThatReplaceEachOtherUntilTheConnectionEnds() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: Multipart/X-Mixed-Replace; boundary=b\r\n\r\n--b\r\n");
            seen.await();
            peer.write("--b--\r\n");
        })) {
            BufferedReader lines = reader(execute(client(), new HttpGet(server.url())));
            assertThat(lines.readLine()).isEqualTo("--b");
            seen.countDown();
            assertThat(lines.readLine()).isEqualTo("--b--");
            assertThat(lines.readLine()).isNull();
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void aPredicateChoosesWhatStreams() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            for (int i = 0; i < 2; i++) {
                boolean live = peer.readRequest().startsWith("GET /live ");
                peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/" + (live ? "live" : "event-stream")
                        + "\r\nContent-Length: 4\r\n\r\nab");
                if (live) {
                    seen.await();
                } else {
                    Thread.sleep(100);
                }
                peer.write("cd");
            }
            peer.awaitClose();
        })) {
            CloseableHttpClient client =
                    client(MillpondConnectionManagerBuilder.create().setStreaming(head -> "text/live"
                            .equals(head.getFirstHeader(HttpHeaders.CONTENT_TYPE)
                                    .getValue())));
            ClassicHttpResponse live = execute(client, new HttpGet(server.url("/live")));
            InputStream content = live.getEntity().getContent();
            assertThat(content.readNBytes(2)).asString().isEqualTo("ab");
            seen.countDown();
            assertThat(content.readAllBytes()).asString().isEqualTo("cd");
            ClassicHttpResponse events = execute(client, new HttpGet(server.url("/events")));
            assertThat(events.getEntity().isStreaming()).isFalse();
            assertThat(body(events)).isEqualTo("abcd");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anEventStreamThatBreaksFailsItsReader() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 0\n"));
        })) {
            BufferedReader lines = reader(execute(client(), new HttpGet(server.url())));
            assertThat(lines.readLine()).isEqualTo("data: 0");
            assertThatThrownBy(lines::readLine).isInstanceOf(IncompleteResponseException.class);
            assertThat(manager.getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void theDeadlineAndTheLimitOfSizeDontCount() throws Exception {
        Duration deadline = Duration.ofSeconds(2);
        CountDownLatch passed = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 0\n"));
            passed.await();
            for (int i = 1; i < 10; i++) {
                peer.write(chunk("data: " + i + "\n"));
            }
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setResponseDeadline(deadline)
                    .setMaxResponseSize(20));
            BufferedReader lines = reader(execute(client, new HttpGet(server.url())));
            assertThat(lines.readLine()).isEqualTo("data: 0");
            long latest = System.nanoTime() + deadline.toNanos();
            await(() -> System.nanoTime() - latest > 0);
            passed.countDown();
            for (int i = 1; i < 10; i++) {
                assertThat(lines.readLine()).isEqualTo("data: " + i);
            }
        }
    }

    @Test
    void aReadTimesOut() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 0\n"));
            peer.awaitClose();
        })) {
            CloseableHttpClient client =
                    client(MillpondConnectionManagerBuilder.create().setDefaultConnectionConfig(socketTimeout(2000)));
            BufferedReader lines = reader(execute(client, new HttpGet(server.url())));
            assertThat(lines.readLine()).isEqualTo("data: 0");
            assertThatThrownBy(lines::readLine)
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("no byte for 2 s (socketTimeout)");
        }
    }

    /** As stock does: closing reads to the end, which is how the connection can be kept. */
    @Test
    void closingAResponseReadsItToItsEnd() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 0\n"));
            Thread.sleep(100);
            peer.write(chunk("data: 1\n") + "0\r\n\r\n");
            peer.readRequest();
            peer.write(OK);
            peer.awaitClose();
        })) {
            CloseableHttpClient client = client();
            ClassicHttpResponse response = execute(client, new HttpGet(server.url()));
            assertThat(reader(response).readLine()).isEqualTo("data: 0");
            response.close();
            assertThat(manager.getTotalStats().getLeased()).isZero();
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
        }
    }

    @Test
    void cancellingWakesTheReader() throws Exception {
        CompletableFuture<Thread> reading = new CompletableFuture<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS);
            peer.awaitClose();
        })) {
            HttpGet get = new HttpGet(server.url());
            CloseableHttpClient client = client();
            FutureTask<String> reader = background(() -> {
                BufferedReader lines = reader(execute(client, get));
                reading.complete(Thread.currentThread());
                return lines.readLine();
            });
            Thread thread = reading.get(30, TimeUnit.SECONDS);
            await(() -> WAITING.contains(thread.getState()));
            assertThat(manager.getTotalStats().getLeased()).isEqualTo(1);
            get.cancel();
            assertThatThrownBy(() -> reader.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(server.awaitEnd()).isZero();
        }
    }

    /** A reader that is slow slows the server down: nobody stores what is not read. */
    @Test
    void backpressureReachesTheServer() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] data = new byte[16 << 10];
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.socket().setSendBufferSize(256 << 10);
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            while (true) {
                peer.write(data);
                sent.addAndGet(data.length);
            }
        })) {
            HttpGet get = new HttpGet(server.url());
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setDefaultSocketConfig(
                            SocketConfig.custom().setRcvBufSize(256 << 10).build()));
            ClassicHttpResponse response = execute(client, get);
            long[] last = {-1, 0};
            await(() -> {
                last[1] = sent.get() == last[0] && last[0] > 0 ? last[1] + 1 : 0;
                last[0] = sent.get();
                return last[1] > 100;
            });
            assertThat(sent.get()).isLessThan(32L << 20);
            response.getEntity().getContent().readNBytes(64 << 20);
            // There is room for more, but the server counts what it has sent a little later.
            await(() -> sent.get() > 64L << 20);
            get.cancel();
        }
    }
}
