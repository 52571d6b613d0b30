package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millpond.async.AsyncCore;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One fetch after the other, each from the callback of the last: the thread that runs the callbacks runs the event loop
 * itself meanwhile. Whatever is to happen while it does, or while it is kept from it, happens.
 */
@Timeout(180)
class FetchLeadTest {

    private static final int PATIENCE_SECONDS = 60;
    private static final int FAST_FETCHES = 50;
    private static final int ATTEMPTS = 100;

    private final Semaphore answers = new Semaphore(0);

    private final RawServer server = new RawServer((peer, connection) -> {
        for (String head = peer.readRequest(); !head.isEmpty(); head = peer.readRequest()) {
            if (head.startsWith("GET /slow")) {
                answers.acquire();
            }
            peer.write(FetchTestBase.OK);
        }
    });

    private final Millpond millpond = Millpond.builder().eventLoopThreads(1).build();

    private volatile Thread callbackThread = Thread.currentThread();

    @BeforeEach
    void overEpoll() throws IOException {
        try (AsyncCore core = AsyncCore.create()) {
            assumeTrue(core.stats().transport().equals("epoll"));
        }
    }

    @AfterEach
    void close() throws IOException {
        answers.release(ATTEMPTS);
        millpond.close();
        server.close();
    }

    private CompletableFuture<String> fetch(String path) {
        return fetch(path, FetchOptions.defaults());
    }

    private CompletableFuture<String> fetch(String path, FetchOptions options) {
        return millpond.fetch(ClassicRequestBuilder.get(server.url(path)).build(), options, FetchLeadTest::text);
    }

    private static String text(ClassicHttpResponse response) throws IOException, ParseException {
        return EntityUtils.toString(response.getEntity());
    }

    /** So many fast ones, and then {@code last}, from a callback too. */
    private CompletableFuture<String> chain(int length, Supplier<CompletableFuture<String>> last) {
        return fetch("/fast").thenCompose(text -> {
            callbackThread = Thread.currentThread();
            return length == 0 ? last.get() : chain(length - 1, last);
        });
    }

    /**
     * A fetch that is not answered yet, and whose answer the thread that runs callbacks waits for in the event loop.
     */
    private CompletableFuture<String> waiting(FetchOptions options) throws Exception {
        for (int i = 0; i < ATTEMPTS; i++) {
            CompletableFuture<CompletableFuture<String>> slow = new CompletableFuture<>();
            CompletableFuture<String> all = chain(FAST_FETCHES, () -> {
                CompletableFuture<String> fetch = fetch("/slow", options);
                slow.complete(fetch);
                return fetch;
            });
            CompletableFuture<String> waiting = slow.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (leads()) {
                return waiting;
            }
            // The loop's own thread has taken over again, as the other was held up in between.
            answers.release();
            assertThat(get(all)).isEqualTo("hello");
        }
        throw new AssertionError("never led");
    }

    /** Whether a callback thread leads, once the server has the last request. */
    private boolean leads() throws InterruptedException {
        return Leading.leads(answers, () -> callbackThread, FetchLeadTest::isIdle);
    }

    private static boolean isIdle(Thread thread) {
        return !thread.isAlive() || Leading.stackHas(thread, "awaitWork") || Leading.stackHas(thread, "getTask");
    }

    private static String get(CompletableFuture<String> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private CompletableFuture<String> waiting() throws Exception {
        return waiting(FetchOptions.defaults());
    }

    @Test
    void itIsAnsweredOnThatThread() throws Exception {
        Thread led;
        Thread answeredOn;
        do {
            CompletableFuture<String> waiting = waiting();
            CompletableFuture<Thread> answered = waiting.thenApply(text -> Thread.currentThread());
            led = callbackThread;
            answers.release();
            assertThat(get(waiting)).isEqualTo("hello");
            answeredOn = answered.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            // The loop's own thread may have taken over in between, for a timer.
        } while (answeredOn != led);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void othersAreServedMeanwhile() throws Exception {
        CompletableFuture<String> waiting = waiting();
        assertThat(get(chain(FAST_FETCHES, () -> fetch("/fast")))).isEqualTo("hello");
        assertThat(waiting).isNotDone();
        answers.release();
        assertThat(get(waiting)).isEqualTo("hello");
    }

    @Test
    void itsDeadlineEndsIt() throws Exception {
        CompletableFuture<String> waiting = waiting(FetchOptions.defaults().deadline(Duration.ofSeconds(1)));
        assertThat(waiting).failsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
    }

    @Test
    void cancellingItEndsIt() throws Exception {
        waiting().cancel(false);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (millpond.stats().connectionsLeased() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void closingTheClientEndsIt() throws Exception {
        CompletableFuture<String> waiting = waiting();
        millpond.close();
        assertThat(waiting).failsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
        callbackThread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(callbackThread.isAlive()).isFalse();
    }

    /** Who has sent something is expected to come back and wait for the answer, and so leaves the loop to nobody. */
    @Test
    void aCallbackMayWaitForWhatItHasSent() throws Exception {
        assertThat(get(chain(FAST_FETCHES, () -> {
                    CountDownLatch answered = new CountDownLatch(1);
                    CompletableFuture<String> next =
                            fetch("/fast").whenComplete((text, failure) -> answered.countDown());
                    awaitUnguarded(answered);
                    return next;
                })))
                .isEqualTo("hello");
    }

    @Test
    void aCallbackMayJoinWhatItHasSent() throws Exception {
        assertThat(get(chain(
                        FAST_FETCHES,
                        () -> CompletableFuture.completedFuture(fetch("/fast").join()))))
                .isEqualTo("hello");
    }

    private static void awaitUnguarded(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCallbackThatInterruptsItsThreadStopsNothing() throws Exception {
        assertThat(get(chain(FAST_FETCHES, () -> {
                    CompletableFuture<String> next = fetch("/fast");
                    Thread.currentThread().interrupt();
                    return next;
                })))
                .isEqualTo("hello");
        assertThat(get(fetch("/fast"))).isEqualTo("hello");
    }
}
