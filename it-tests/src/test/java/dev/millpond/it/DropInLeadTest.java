package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A caller that is the only one runs the event loop itself while it waits: whatever ends its wait, ends it then too.
 */
class DropInLeadTest extends DropInTestBase {

    private static final int PATIENCE_SECONDS = 60;
    private static final int ATTEMPTS = 100;
    private static final int FAST_REQUESTS = 50;

    private static final String SLOW = "/slow";

    /** Has its head and its first bytes at once, and is read while it arrives. */
    private static final String LIVE = "/live";

    /** What the server does instead of answering {@link #SLOW}, or with the rest of {@link #LIVE}. */
    private volatile RawServer.Script slow = (peer, connection) -> {};

    private final Semaphore answers = new Semaphore(0);

    private final RawServer server = closing(new RawServer((peer, connection) -> {
        for (String head = peer.readRequest(); !head.isEmpty(); head = peer.readRequest()) {
            boolean live = head.startsWith("GET " + LIVE);
            if (live) {
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
            }
            if (live || head.startsWith("GET " + SLOW)) {
                answers.acquire();
                slow.run(peer, connection);
            }
            peer.write(live ? "llo" : OK);
        }
    }));

    private final Thread[] caller = new Thread[1];

    private final AsyncCore core =
            closing(AsyncCore.builder().eventLoopThreads(1).build());

    @BeforeEach
    void overEpoll() {
        assumeTrue(core.stats().transport().equals("epoll"));
    }

    private CloseableHttpClient client(int socketTimeoutMillis) {
        return client(
                MillpondConnectionManagerBuilder.over(core, ResponseStorage.withDefaults(), ResponseLimits.DEFAULTS)
                        .setStreaming(response -> true)
                        .setMaxConnPerRoute(10)
                        .setDefaultConnectionConfig(socketTimeout(socketTimeoutMillis)));
    }

    private static String text(ClassicHttpResponse response) throws IOException, ParseException {
        return EntityUtils.toString(response.getEntity());
    }

    private void fast(CloseableHttpClient client) throws IOException {
        assertThat(client.execute(new HttpGet(server.url("/fast")), DropInLeadTest::text))
                .isEqualTo("hello");
    }

    /** A request that nobody answers yet, on a thread that runs the event loop meanwhile. */
    private FutureTask<String> waiting(CloseableHttpClient client, HttpGet get) throws Exception {
        return waiting(client, get, DropInLeadTest::text);
    }

    private FutureTask<String> waiting(
            CloseableHttpClient client, HttpGet get, HttpClientResponseHandler<String> handler) throws Exception {
        for (int i = 0; i < ATTEMPTS; i++) {
            FutureTask<String> attempt = background(() -> {
                caller[0] = Thread.currentThread();
                for (int j = 0; j < FAST_REQUESTS; j++) {
                    fast(client);
                }
                return client.execute(get, handler);
            });
            if (leads()) {
                return attempt;
            }
            // The loop's own thread has taken over again, as this one was held up in between.
            answers.release();
            assertThat(attempt.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
        }
        throw new AssertionError("never led");
    }

    /** Whether the caller leads, once it waits for its last response. */
    private boolean leads() throws InterruptedException {
        return Leading.leads(answers, () -> caller[0], DropInLeadTest::waitsForChange);
    }

    private static boolean waitsForChange(Thread thread) {
        return thread.getState() != Thread.State.RUNNABLE && Leading.stackHas(thread, "awaitChange");
    }

    private static Throwable failure(FutureTask<String> task) {
        try {
            throw new AssertionError("got " + task.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SLOW, LIVE})
    void itIsAnsweredOnItsOwnThread(String path) throws Exception {
        CloseableHttpClient client = client(0);
        FutureTask<String> waiting = waiting(client, new HttpGet(server.url(path)));
        answers.release();
        assertThat(waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {SLOW, LIVE})
    void anotherCallerIsServedMeanwhile(String path) throws Exception {
        CloseableHttpClient client = client(0);
        FutureTask<String> waiting = waiting(client, new HttpGet(server.url(path)));
        for (int i = 0; i < FAST_REQUESTS; i++) {
            fast(client);
        }
        assertThat(waiting).isNotDone();
        answers.release();
        assertThat(waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
    }

    @ParameterizedTest
    @CsvSource({SLOW + ",waiting for", LIVE + ",reading"})
    void anInterruptEndsIt(String path, String activity) throws Exception {
        FutureTask<String> waiting = waiting(client(0), new HttpGet(server.url(path)));
        caller[0].interrupt();
        assertThat(failure(waiting))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("interrupted while " + activity + " a response");
    }

    /** Who has read some of a response is expected to read on, and so leaves the event loop to nobody for a while. */
    @Test
    void whatNobodyReadsOnArrivesNevertheless() throws Exception {
        CloseableHttpClient client = client(0);
        for (int i = 0; i < FAST_REQUESTS; i++) {
            fast(client);
        }
        String text = client.execute(new HttpGet(server.url(LIVE)), response -> {
            InputStream body = response.getEntity().getContent();
            byte[] first = body.readNBytes(2);
            long before = core.stats().bytesRead();
            answers.release();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (core.stats().bytesRead() == before) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            return new String(first, US_ASCII) + new String(body.readAllBytes(), US_ASCII);
        });
        assertThat(text).isEqualTo("hello");
    }

    @Test
    void aVirtualThreadReadsOn() throws Exception {
        ExecutorService virtual = VirtualThreadsTest.virtualThreads();
        FutureTask<String> waiting = waiting(client(0), new HttpGet(server.url(LIVE)), response -> {
            InputStream body = response.getEntity().getContent();
            String first = new String(body.readNBytes(3), US_ASCII);
            return first + rest(virtual.submit(() -> new String(body.readAllBytes(), US_ASCII)));
        });
        answers.release();
        assertThat(waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
        virtual.shutdown();
    }

    private static String rest(Future<String> rest) throws IOException {
        try {
            return rest.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SLOW, LIVE})
    void itsSocketTimeoutEndsIt(String path) throws Exception {
        FutureTask<String> waiting = waiting(client(2000), new HttpGet(server.url(path)));
        assertThat(failure(waiting)).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {SLOW, LIVE})
    void cancellingTheRequestEndsIt(String path) throws Exception {
        HttpGet get = new HttpGet(server.url(path));
        FutureTask<String> waiting = waiting(client(0), get);
        get.cancel();
        assertThat(failure(waiting)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {SLOW, LIVE})
    void closingTheClientEndsIt(String path) throws Exception {
        CloseableHttpClient client = client(0);
        FutureTask<String> waiting = waiting(client, new HttpGet(server.url(path)));
        client.close(CloseMode.IMMEDIATE);
        assertThat(failure(waiting)).isInstanceOf(IOException.class);
    }

    /** The end comes while nobody runs the event loop: so the next request has to look for it. */
    @Test
    void aConnectionThatTheServerClosedBehindItsResponseIsNotUsedAgain() throws Exception {
        Semaphore answered = new Semaphore(0);
        Semaphore closed = new Semaphore(0);
        RawServer brief = closing(new RawServer((peer, connection) -> {
            for (int i = 0; i < FAST_REQUESTS; i++) {
                peer.readRequest();
                peer.write(OK);
            }
            answered.acquire();
            peer.shutdownOutput();
            closed.release();
            peer.awaitClose();
        }));
        CloseableHttpClient client = client(0);
        CompletableFuture<Thread> own = new CompletableFuture<>();
        core.execute(() -> own.complete(Thread.currentThread()));
        Thread loop = own.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        int sent = 0;
        int tooSoon = 0;
        while (tooSoon < 3) {
            for (; sent < FAST_REQUESTS; sent++) {
                client.execute(new HttpPost(brief.url()), DropInLeadTest::text);
            }
            answered.release();
            closed.acquire();
            // That is how it waits while nobody leads.
            boolean lent = loop.getState() == Thread.State.TIMED_WAITING;
            try {
                client.execute(new HttpPost(brief.url()), DropInLeadTest::text);
                if (lent) {
                    return;
                }
                sent = 1;
            } catch (NoHttpResponseException e) {
                // Before the loop's own thread has seen the end, which may have taken over just then, but not each
                // time.
                tooSoon += lent ? 1 : 0;
                sent = 0;
            }
        }
        throw new AssertionError("not seen in time");
    }

    @Test
    void theServersEndEndsIt() throws Exception {
        CloseableHttpClient client = client(0);
        FutureTask<String> waiting = waiting(client, new HttpGet(server.url(SLOW)));
        slow = (peer, connection) -> peer.shutdownOutput();
        answers.release();
        assertThat(failure(waiting)).isInstanceOf(NoHttpResponseException.class);
        fast(client);
    }
}
