package dev.millpond.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallbackExecutorsTest {

    private static final int TASKS = 3;

    /** So that a log and a thread dump tell them apart. Virtual threads, where there are some, have none. */
    @Test
    void eachThreadHasANameOfItsOwn() throws InterruptedException {
        Queue<String> names = new ConcurrentLinkedQueue<>();
        CountDownLatch busy = new CountDownLatch(TASKS);
        ExecutorService executor = CallbackExecutors.create();
        for (int i = 0; i < TASKS; i++) {
            executor.execute(() -> {
                names.add(Thread.currentThread().getName());
                busy.countDown();
                awaitAll(busy);
            });
        }
        awaitAll(busy);
        executor.shutdown();
        List<String> known = names.stream().filter(name -> !name.isEmpty()).toList();
        assertThat(known).contains("millpond-callback-0").doesNotHaveDuplicates();
    }

    private static void awaitAll(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
