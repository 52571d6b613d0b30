package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ManyAtOnceTest {

    private static final int FETCHES = 3000; // two descriptors each, as the server is in this process too
    private static final int CHAINS = 5000;
    private static final int THREADS = 16;
    private static final int LOOPS = 2; // of client and server each, whatever the number of processors
    private static final byte[] ENCODED = encoded();
    private static final byte[] OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(US_ASCII);

    private final Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
    private final BlockingQueue<AsyncSocket> asked = new LinkedBlockingQueue<>();

    /** All connect at once, and a slow machine takes its time. */
    private static MillpondBuilder client() {
        return Millpond.builder().eventLoopThreads(LOOPS).connectTimeout(Duration.ofMinutes(2));
    }

    @Test
    void thousandsOfSlowResponsesAreAwaitedByAFewThreads() throws Exception {
        try (AsyncCore core = AsyncCore.builder().eventLoopThreads(LOOPS).build();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                socket -> begin(socket, new SlowAnswer(socket, asked)))
                        .get(30, TimeUnit.SECONDS);
                Millpond millpond = client().build()) {
            String url = "http://localhost:" + server.port() + "/";
            for (int round = 0; round < 2; round++) {
                List<CompletableFuture<ClassicHttpResponse>> all = new ArrayList<>();
                for (int i = 0; i < FETCHES; i++) {
                    all.add(millpond.fetch(ClassicRequestBuilder.get(url).build()));
                }
                List<AsyncSocket> waiting = awaitRequests(FETCHES);
                assertThat(all).noneMatch(CompletableFuture::isDone);
                assertThat(threads()).hasSizeLessThanOrEqualTo(THREADS);
                waiting.forEach(socket -> socket.write(ByteBuffer.wrap(OK)));
                for (CompletableFuture<ClassicHttpResponse> one : all) {
                    assertThat(one.get(120, TimeUnit.SECONDS).getCode()).isEqualTo(200);
                }
                assertThat(millpond.stats().connectionsLeased()).isZero();
                assertThat(threads()).hasSizeLessThanOrEqualTo(THREADS);
            }
            assertThat(millpond.stats().connectionsOpened()).isEqualTo(FETCHES);
            assertThat(millpond.stats().connectionsReused()).isEqualTo(FETCHES);
        }
    }

    @Test
    void thousandsOfRedirectsChallengesRetriesAndEncodedBodiesAreToo() throws Exception {
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope("localhost", -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
        try (AsyncCore core = AsyncCore.builder().eventLoopThreads(LOOPS).build();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                socket -> begin(socket, new ChainAnswer(socket, asked)))
                        .get(30, TimeUnit.SECONDS);
                Millpond millpond = client().credentialsProvider(credentials)
                        .maxConnectionsTotal(FETCHES)
                        .build()) {
            String url = "http://localhost:" + server.port() + "/";
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < CHAINS; i++) {
                all.add(millpond.fetch(
                        ClassicRequestBuilder.get(url).build(),
                        response -> EntityUtils.toString(response.getEntity())));
            }
            List<AsyncSocket> waiting = awaitRequests(FETCHES);
            assertThat(all).noneMatch(CompletableFuture::isDone);
            assertThat(threads()).hasSizeLessThanOrEqualTo(THREADS);
            waiting.forEach(ChainAnswer::redirect);
            // The others come as connections become free.
            for (int i = FETCHES; i < CHAINS; i++) {
                awaitRequests(1).forEach(ChainAnswer::redirect);
            }
            for (CompletableFuture<String> one : all) {
                assertThat(one.get(120, TimeUnit.SECONDS)).isEqualTo("hello");
                if (one == all.get(0) || one == all.get(CHAINS / 2)) {
                    assertThat(threads()).hasSizeLessThanOrEqualTo(THREADS);
                }
            }
            assertThat(millpond.stats().connectionsLeased()).isZero();
            assertThat(millpond.stats().memoryUsed()).isZero();
        }
    }

    /** The connections of so many requests that wait for an answer. */
    private List<AsyncSocket> awaitRequests(int count) throws InterruptedException {
        List<AsyncSocket> waiting = new ArrayList<>();
        while (waiting.size() < count) {
            AsyncSocket next = asked.poll(120, TimeUnit.SECONDS);
            assertThat(next).as("request after %d", waiting.size()).isNotNull();
            waiting.add(next);
        }
        return waiting;
    }

    /** Of client and server together, without what earlier tests have left. */
    private List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !threadsBefore.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("millpond"))
                .toList();
    }

    private static void begin(AsyncSocket socket, SocketListener listener) {
        socket.listener(listener);
        socket.resume();
    }

    /** A redirect, when the test says so; a challenge; an unavailability; and an encoded body. */
    private record ChainAnswer(AsyncSocket socket, Queue<AsyncSocket> asked) implements SocketListener {

        static void redirect(AsyncSocket socket) {
            socket.write(ByteBuffer.wrap(empty("302 Found\r\nLocation: /b")));
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            // A request comes in one read here: it is small, and written at once.
            String request = US_ASCII.decode(bytes).toString();
            if (request.startsWith("GET / ")) {
                asked.add(socket);
            } else if (!request.contains("Authorization: Digest ")) {
                socket.write(ByteBuffer.wrap(
                        empty("401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")));
            } else if (request.contains("nc=00000001")) {
                socket.write(ByteBuffer.wrap(empty("503 Later\r\nRetry-After: 1")));
            } else {
                socket.write(ByteBuffer.wrap(ENCODED));
            }
        }

        private static byte[] empty(String head) {
            return ("HTTP/1.1 " + head + "\r\nContent-Length: 0\r\n\r\n").getBytes(US_ASCII);
        }

        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            // The client has gone.
        }
    }

    private static byte[] encoded() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(body)) {
            gzip.write("hello".getBytes(US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        response.writeBytes(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.size() + "\r\n\r\n")
                .getBytes(US_ASCII));
        response.writeBytes(body.toByteArray());
        return response.toByteArray();
    }

    /** None before the test gives it. */
    private record SlowAnswer(AsyncSocket socket, Queue<AsyncSocket> asked) implements SocketListener {

        @Override
        public void onBytes(ByteBuffer bytes) {
            // A request comes in one read here: it is small, and written at once.
            asked.add(socket);
        }

        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            // The client has gone.
        }
    }
}
