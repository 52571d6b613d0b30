package dev.millpond.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.EventLoop;
import dev.millpond.async.LedLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallbackQueueTest {

    private final AsyncCore core = AsyncCore.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CallbackQueue queue = new CallbackQueue(core, threads, 100);

    @AfterEach
    void close() throws InterruptedException {
        core.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void runsEachCallbackOnceWhereverItComesFrom() throws InterruptedException {
        int count = 100_000;
        CountDownLatch done = new CountDownLatch(3 * count);
        AtomicInteger runs = new AtomicInteger();
        Runnable callback = () -> {
            runs.incrementAndGet();
            done.countDown();
        };
        for (int source = 0; source < 2; source++) {
            threads.execute(() -> {
                for (int i = 0; i < count; i++) {
                    queue.execute(callback);
                }
            });
        }
        for (int i = 0; i < count; i++) {
            core.execute(() -> queue.execute(callback));
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(3 * count);
    }

    /** On the one loop there is, nobody finds before the turn's end that the thread is slow to begin. */
    @Test
    void takesOneThreadForWhatALoopBringsInOneTurn() throws Exception {
        Queue<Runnable> given = new ConcurrentLinkedQueue<>();
        CompletableFuture<Integer> givenInTurn = new CompletableFuture<>();
        AtomicInteger runs = new AtomicInteger();
        try (AsyncCore oneLoop = AsyncCore.builder().eventLoopThreads(1).build()) {
            CallbackQueue idle = new CallbackQueue(oneLoop, given::add, 100);
            oneLoop.execute(() -> {
                idle.execute(runs::incrementAndGet);
                idle.execute(runs::incrementAndGet);
                AsyncCore.atTurnEnd(() -> givenInTurn.complete(given.size()));
            });
            assertThat(givenInTurn.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(runs).hasValue(0);
        given.remove().run();
        assertThat(runs).hasValue(2);
    }

    /** An event loop that brings callbacks while another thread leads it, one a turn. */
    private static final class Chain implements EventLoop {

        private final CallbackQueue queue;
        private final List<Thread> threads = new ArrayList<>();
        private int left;
        private int turns;

        Chain(CallbackQueue queue, int length) {
            this.queue = queue;
            this.left = length;
        }

        void next() {
            left--;
            queue.execute(() -> threads.add(Thread.currentThread()));
        }

        @Override
        public void atTurnEnd(Runnable task) {
            task.run();
        }

        @Override
        public void lead(BooleanSupplier over) {
            assertThat(over.getAsBoolean()).isFalse();
            turns++;
            if (left > 0) {
                next();
                assertThat(over.getAsBoolean()).isTrue();
            }
        }
    }

    /** Has nobody to look after threads that are slow to begin, as those of a test are. */
    private CallbackQueue patient(Queue<Runnable> given) {
        core.close();
        return new CallbackQueue(core, given::add, 100);
    }

    @Test
    void aThreadThatRunsCallbacksLeadsTheLoopThatBringsThem() {
        Queue<Runnable> given = new ConcurrentLinkedQueue<>();
        CallbackQueue idle = patient(given);
        Chain chain = new Chain(idle, 5);
        LedLoop.set(chain);
        chain.next();
        LedLoop.set(null);
        assertThat(chain.threads).isEmpty();
        given.remove().run();
        assertThat(chain.threads).hasSize(5).containsOnly(Thread.currentThread());
        // The last one in vain.
        assertThat(chain.turns).isEqualTo(5);
        assertThat(given).isEmpty();
    }

    @Test
    void whoLeadsIsNotCountedOn() {
        Queue<Runnable> given = new ConcurrentLinkedQueue<>();
        CallbackQueue idle = patient(given);
        AtomicInteger runs = new AtomicInteger();
        LedLoop.set(new EventLoop() {
            @Override
            public void atTurnEnd(Runnable task) {
                task.run();
            }

            @Override
            public void lead(BooleanSupplier over) {
                Thread other = new Thread(() -> idle.execute(runs::incrementAndGet));
                other.start();
                join(other);
                assertThat(given).hasSize(1);
                given.remove().run();
                assertThat(runs).hasValue(2);
            }
        });
        idle.execute(runs::incrementAndGet);
        LedLoop.set(null);
        given.remove().run();
        assertThat(runs).hasValue(2);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void callbacksThatBlockDoNotHoldOthersBack() throws InterruptedException {
        CountDownLatch together = new CountDownLatch(50);
        CountDownLatch done = new CountDownLatch(50);
        core.execute(() -> {
            for (int i = 0; i < 50; i++) {
                queue.execute(() -> {
                    together.countDown();
                    try {
                        // Each waits for all the others.
                        together.await();
                        done.countDown();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
        });
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void oneThatBlocksDoesNotHoldBackWhatComesLater() throws InterruptedException {
        CountDownLatch blocking = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        queue.execute(() -> {
            blocking.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(blocking.await(20, TimeUnit.SECONDS)).isTrue();
        // Long enough for whoever watched the first one to have stopped.
        CountDownLatch later = new CountDownLatch(1);
        core.delay(Duration.ofMillis(50), later::countDown);
        assertThat(later.await(20, TimeUnit.SECONDS)).isTrue();
        queue.execute(done::countDown);
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        release.countDown();
    }

    @Test
    void whatOneThrowsEndsNoOther() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        core.execute(() -> {
            queue.execute(() -> {
                throw new IllegalStateException("expected by this test");
            });
            queue.execute(done::countDown);
        });
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void runsThemHereWhenItsThreadsAreShutDown() {
        threads.shutdown();
        AtomicInteger runs = new AtomicInteger();
        queue.execute(runs::incrementAndGet);
        queue.execute(runs::incrementAndGet);
        assertThat(runs).hasValue(2);
    }
}
