package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What changes for users of Apache's client when one line does: the same code, on stock sockets and on Millpond. */
@org.junit.jupiter.api.Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DropInTableTest {

    private static final List<String> TABLE = new ArrayList<>();

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private static final String HALF = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(500);

    @AfterAll
    static void print() {
        System.out.println("| situation | stock classic | with Millpond |\n|---|---|---|");
        TABLE.forEach(System.out::println);
    }

    private static void row(String situation, String stock, String millpond) {
        TABLE.add("| " + situation + " | " + stock + " | " + millpond + " |");
    }

    /** A client that differs in this line, and nowhere else. */
    private static final class Client implements AutoCloseable {

        private final PoolingHttpClientConnectionManager manager;
        private final CloseableHttpClient http;

        private Client(PoolingHttpClientConnectionManagerBuilder builder, boolean retries) {
            manager = builder.setMaxConnTotal(1)
                    .setMaxConnPerRoute(1)
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setSocketTimeout(Timeout.ofSeconds(20))
                            // By default it is 2 s, which a test may take now and then.
                            .setValidateAfterInactivity(TimeValue.ofMinutes(1))
                            .build())
                    .build();
            http = HttpClients.custom()
                    .setConnectionManager(manager)
                    .setRetryStrategy(
                            new DefaultHttpRequestRetryStrategy(retries ? 1 : 0, TimeValue.ofMilliseconds(10)))
                    .setDefaultRequestConfig(RequestConfig.custom()
                            .setConnectionRequestTimeout(Timeout.ofMilliseconds(300))
                            .build())
                    .build();
        }

        static Client stock() {
            return new Client(PoolingHttpClientConnectionManagerBuilder.create(), false);
        }

        static Client millpond() {
            return new Client(MillpondConnectionManagerBuilder.create(), false);
        }

        @SuppressWarnings("deprecation") // the one whose response the caller has to close
        ClassicHttpResponse execute(HttpUriRequestBase request) throws IOException {
            return http.execute(request);
        }

        ClassicHttpResponse get(RawServer server) throws IOException {
            return execute(new HttpGet(server.url()));
        }

        @Override
        public void close() throws IOException {
            http.close();
        }
    }

    private static String failure(Throwable thrown) {
        return "`" + thrown.getClass().getSimpleName() + "`";
    }

    private static String text(ClassicHttpResponse response) throws Exception {
        return EntityUtils.toString(response.getEntity());
    }

    private static String seconds(long sinceNanos) {
        return "%.1f s".formatted((System.nanoTime() - sinceNanos) / 1e9);
    }

    @Test
    @Order(1)
    void responsesThatAreNeverClosed() throws Exception {
        int[] served = new int[2];
        String[] said = new String[2];
        for (int i = 0; i < 2; i++) {
            try (RawServer server = RawServer.answering(OK);
                    Client client = i == 0 ? Client.stock() : Client.millpond()) {
                Throwable failure = null;
                while (served[i] < 100 && failure == null) {
                    try {
                        client.get(server);
                        served[i]++;
                    } catch (IOException e) {
                        failure = e;
                    }
                }
                if (i == 0) {
                    assertThat(failure).isInstanceOf(ConnectionRequestTimeoutException.class);
                }
                said[i] = served[i] + " of 100" + (failure == null ? "" : ", then " + failure(failure)) + ", on "
                        + server.connections() + " TCP connection";
                assertThat(server.connections()).isEqualTo(1);
            }
        }
        assertThat(served).containsExactly(1, 100);
        row("100 responses never closed, one connection in the pool", said[0], said[1]);
    }

    /** What an application that reads the body sees. */
    private static String outcome(Client client, RawServer server) throws Exception {
        ClassicHttpResponse response;
        try {
            response = client.get(server);
        } catch (IncompleteResponseException e) {
            assertThat(e.received()).isEqualTo(500);
            assertThat(e.announced()).isEqualTo(1000);
            return "`execute()` throws " + failure(e) + ": " + e.getMessage();
        }
        int read = 0;
        try (response;
                InputStream content = response.getEntity().getContent()) {
            while (content.read() >= 0) {
                read++;
            }
            return "status " + response.getCode() + ", then " + read + " bytes and the end";
        } catch (IOException e) {
            return "status " + response.getCode() + ", then " + failure(e) + " while reading";
        }
    }

    @Test
    @Order(2)
    void aBodyThatIsCutOff() throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            try (RawServer server = new RawServer((peer, connection) -> {
                        peer.readRequest();
                        peer.write(HALF);
                        if (reset) {
                            peer.socket().setSoLinger(true, 0);
                        }
                    });
                    Client stock = Client.stock();
                    Client millpond = Client.millpond()) {
                String before = outcome(stock, server);
                String after = outcome(millpond, server);
                assertThat(before).startsWith("status 200, then");
                assertThat(after).startsWith("`execute()` throws `IncompleteResponseException`");
                row("500 of 1,000 bytes, then " + (reset ? "RST" : "FIN"), before, after);
            }
        }
    }

    @Test
    @Order(3)
    void aCutOffThatIsRetried() throws Exception {
        String[] said = new String[2];
        for (int i = 0; i < 2; i++) {
            try (RawServer server = new RawServer((peer, connection) -> {
                        peer.readRequest();
                        peer.write(connection == 0 ? HALF : HALF + "x".repeat(500));
                    });
                    Client client = new Client(
                            i == 0
                                    ? PoolingHttpClientConnectionManagerBuilder.create()
                                    : MillpondConnectionManagerBuilder.create(),
                            true)) {
                said[i] = outcome(client, server) + "; " + server.connections()
                        + (i == 0 ? " connection" : " connections");
            }
        }
        assertThat(said[0]).isEqualTo("status 200, then `ConnectionClosedException` while reading; 1 connection");
        assertThat(said[1]).isEqualTo("status 200, then 1000 bytes and the end; 2 connections");
        row("the same, where a second attempt would succeed", said[0], said[1]);
    }

    @Test
    @Order(4)
    void aServerThatDrips() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                    for (int i = 0; i < 1000; i++) {
                        Thread.sleep(200);
                        peer.write("x");
                    }
                });
                Client stock = Client.stock();
                Client millpond = new Client(
                        MillpondConnectionManagerBuilder.create().setResponseDeadline(Duration.ofSeconds(2)), false)) {
            long start = System.nanoTime();
            Throwable failure = thrownBy(() -> millpond.get(server));
            assertThat(failure).isInstanceOf(ResponseDeadlineException.class);
            String after = failure(failure) + " after " + seconds(start);

            FutureTask<Integer> reading =
                    new FutureTask<>(() -> text(stock.get(server)).length());
            Thread reader = new Thread(reading);
            reader.setDaemon(true);
            reader.start();
            reader.join(4000);
            assertThat(reading.isDone()).isFalse();
            row(
                    "drip, 1 byte per 200 ms, socket timeout 20 s; Millpond's deadline 2 s",
                    "hangs: still reading after 4 s",
                    after);
        }
    }

    @Test
    @Order(5)
    void closingALargeResponseUnread() throws Exception {
        String[] said = new String[2];
        byte[] large = new byte[32 << 20];
        for (int i = 0; i < 2; i++) {
            try (RawServer server = new RawServer((peer, connection) -> {
                        while (!peer.readRequest().isEmpty()) {
                            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + large.length + "\r\n\r\n");
                            peer.write(large);
                        }
                    });
                    Client client = i == 0 ? Client.stock() : Client.millpond()) {
                long closing = 0;
                for (int j = 0; j < 3; j++) {
                    ClassicHttpResponse response = client.get(server);
                    long start = System.nanoTime();
                    response.close();
                    closing += System.nanoTime() - start;
                }
                assertThat(server.connections()).isEqualTo(1);
                said[i] = "%.1f ms".formatted(closing / 3e6);
            }
        }
        row(
                "`close()` on 32 MiB unread",
                "drains: " + said[0],
                said[1] + ": all of it is here, and the connection free already");
    }

    @Test
    @Order(6)
    void aConnectionThatTheServerClosedWhileItWasIdle() throws Exception {
        String[] said = new String[2];
        for (int i = 0; i < 2; i++) {
            CountDownLatch closed = new CountDownLatch(1);
            try (RawServer server = new RawServer((peer, connection) -> {
                        peer.readRequest();
                        peer.write(OK);
                        if (connection == 0) {
                            peer.shutdownOutput();
                            closed.countDown();
                        }
                        peer.awaitClose();
                    });
                    Client client = i == 0 ? Client.stock() : Client.millpond()) {
                assertThat(text(client.get(server))).isEqualTo("hello");
                closed.await();
                if (i == 1) {
                    // Millpond closes as it sees the FIN; the stock client doesn't look before its next request.
                    assertThat(server.awaitEnd()).isZero();
                }
                HttpPost post = new HttpPost(server.url());
                Throwable failure =
                        thrownBy(() -> assertThat(text(client.execute(post))).isEqualTo("hello"));
                said[i] = failure == null ? "POST succeeds, on a new connection" : "POST fails: " + failure(failure);
                if (i == 0) {
                    assertThat(failure).isInstanceOf(NoHttpResponseException.class);
                }
            }
        }
        assertThat(said[1]).isEqualTo("POST succeeds, on a new connection");
        row("server closed the idle connection, less than 2 s ago", said[0], said[1]);
    }

    @Test
    @Order(7)
    void cancelInMidBody() throws Exception {
        String[] said = new String[2];
        for (int i = 0; i < 2; i++) {
            CountDownLatch half = new CountDownLatch(1);
            try (RawServer server = new RawServer((peer, connection) -> {
                        peer.readRequest();
                        peer.write(HALF);
                        half.countDown();
                        peer.awaitClose();
                    });
                    Client client = i == 0 ? Client.stock() : Client.millpond()) {
                HttpGet get = new HttpGet(server.url());
                FutureTask<Throwable> waiter = new FutureTask<>(() -> thrownBy(() -> text(client.execute(get))));
                Thread thread = new Thread(waiter);
                thread.start();
                half.await();
                Thread.sleep(100); // to be in mid-body
                long start = System.nanoTime();
                get.cancel();
                Throwable failure = waiter.get(30, TimeUnit.SECONDS);
                assertThat(failure).isInstanceOf(IOException.class);
                assertThat(server.awaitEnd()).isZero();
                said[i] = failure(failure) + ", all freed after %.0f ms".formatted((System.nanoTime() - start) / 1e6);
                assertThat(client.manager.getTotalStats().getLeased()).isZero();
            }
        }
        row("`cancel()` in mid-body", said[0], said[1]);
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static @Nullable Throwable thrownBy(Step step) {
        try {
            step.run();
            return null;
        } catch (Exception e) {
            return e;
        }
    }
}
