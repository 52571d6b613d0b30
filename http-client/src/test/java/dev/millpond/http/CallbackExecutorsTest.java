package dev.millpond.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallbackExecutorsTest {

    private static final int TASKS = 3;

    /** So that a log and a thread dump tell them apart. Virtual threads, where there are some, have none. */
    @Test
    void eachThreadHasANameOfItsOwn() throws Exception {
        CountDownLatch busy = new CountDownLatch(TASKS);
        Callable<String> task = () -> {
            busy.countDown();
            assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
            return Thread.currentThread().getName();
        };
        ExecutorService executor = CallbackExecutors.create();
        List<String> names = new ArrayList<>();
        for (Future<String> name : executor.invokeAll(Collections.nCopies(TASKS, task))) {
            names.add(name.get());
        }
        executor.shutdown();
        List<String> known = names.stream().filter(name -> !name.isEmpty()).toList();
        assertThat(known).contains("millpond-callback-0").doesNotHaveDuplicates();
    }
}
