package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tasks, intervals, notifiers, and what runs when a core closes. */
class TasksTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void anIntervalRunsUntilItIsCancelled(String transport) throws Exception {
        AsyncCore core = core(transport);
        CountDownLatch runs = new CountDownLatch(5);
        Cancellable interval = core.interval(Duration.ofMillis(1), () -> {
            assertThat(AsyncCore.onEventLoop()).isTrue();
            runs.countDown();
        });
        assertThat(runs.await(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(core.stats().timers()).isEqualTo(1);
        interval.cancel();
        interval.cancel();
        assertThat(core.stats().timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anIntervalThatCancelsItselfRunsNoMore(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        AtomicInteger runs = new AtomicInteger();
        Cancellable[] self = new Cancellable[1];
        CompletableFuture<Void> ran = new CompletableFuture<>();
        core.execute(() -> self[0] = core.interval(Duration.ofMillis(1), () -> {
            runs.incrementAndGet();
            self[0].cancel();
            core.delay(Duration.ofMillis(20), () -> ran.complete(null));
        }));
        get(ran);
        assertThat(runs).hasValue(1);
        assertThat(core.stats().timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatIsToRunAtATurnsEndRunsInOrderThoughOneThrows(String transport) throws Exception {
        List<String> ran = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        core(transport).execute(() -> {
            AsyncCore.atTurnEnd(() -> ran.add("first"));
            AsyncCore.atTurnEnd(() -> {
                AsyncCore.atTurnEnd(() -> ran.add("third"));
                throw new IllegalStateException("thrown at a turn's end");
            });
            AsyncCore.atTurnEnd(() -> ran.add("second"));
            AsyncCore.atTurnEnd(() -> AsyncCore.atTurnEnd(() -> done.complete(null)));
            ran.add("turn");
        });
        get(done);
        assertThat(ran).containsExactly("turn", "first", "second", "third");
    }

    @Test
    void anIntervalWithoutAPeriodIsAMistake() {
        AsyncCore core = core("nio");
        assertThatThrownBy(() -> core.interval(Duration.ZERO, () -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("period: expected more than zero, got PT0S");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void timersAreCountedWhileTheyAreSet(String transport) throws Exception {
        AsyncCore core = core(transport);
        Cancellable late = core.delay(Duration.ofHours(1), () -> {});
        core.interval(Duration.ofHours(1), () -> {});
        assertThat(core.stats().timers()).isEqualTo(2);
        late.cancel();
        late.cancel();
        assertThat(core.stats().timers()).isEqualTo(1);
        CompletableFuture<Long> during = new CompletableFuture<>();
        core.delay(Duration.ofMillis(1), () -> during.complete(core.stats().timers()));
        assertThat(get(during)).as("one that runs is not set any more").isEqualTo(1);
        core.close();
        assertThat(core.stats().timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void manyTriggersMakeOneRun(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        AtomicInteger runs = new AtomicInteger();
        Notifier notifier = core.notifier(runs::incrementAndGet);
        CompletableFuture<Void> busy = new CompletableFuture<>();
        core.execute(busy::join);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < 1_000; n++) {
                    notifier.trigger();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        busy.complete(null);
        turn(core);
        assertThat(runs).hasValue(1);
        notifier.trigger();
        turn(core);
        assertThat(runs).hasValue(2);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aTriggerDuringARunMakesAnother(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        AtomicInteger runs = new AtomicInteger();
        Notifier[] self = new Notifier[1];
        CompletableFuture<Void> twice = new CompletableFuture<>();
        self[0] = core.notifier(() -> {
            if (runs.incrementAndGet() == 1) {
                self[0].trigger();
            } else {
                twice.complete(null);
            }
        });
        self[0].trigger();
        get(twice);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatIsToRunOnCloseRunsOnceLast(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        List<String> ran = new ArrayList<>();
        core.onClose(() -> ran.add(Thread.currentThread().getName() + " "
                + pair.recorder().failed().isPresent()));
        core.close();
        core.close();
        String here = Thread.currentThread().getName();
        assertThat(ran).containsExactly(here + " true");
        core.onClose(() -> ran.add("at once"));
        assertThat(ran).containsExactly(here + " true", "at once");
        core.execute(() -> ran.add("never"));
        core.notifier(() -> ran.add("never")).trigger();
        core.interval(Duration.ofMillis(1), () -> ran.add("never")).cancel();
        assertThat(core.stats().timers()).isZero();
    }

    @Test
    void theLastHandleClosesTheSharedCore() throws Exception {
        AsyncCore first = closing(AsyncCore.shared());
        AsyncCore second = closing(AsyncCore.shared());
        List<String> closed = new ArrayList<>();
        first.onClose(() -> closed.add("closed"));
        AsyncServer server = get(first.listen(new InetSocketAddress(LOOPBACK, 0), AsyncSocket::close));
        ConnectOptions target = ConnectOptions.to("127.0.0.1", server.port());

        first.close();
        first.close();
        assertThat(closed).isEmpty();
        assertThat(get(second.connect(target)).isOpen()).isTrue();
        assertThat(failureOf(first.connect(target))).hasMessage("async core closed");
        assertThat(failureOf(first.listen(new InetSocketAddress(LOOPBACK, 0), AsyncSocket::close)))
                .hasMessage("async core closed");
        assertThat(failureOf(first.resolve("localhost"))).hasMessage("async core closed");
        first.execute(() -> closed.add("never"));
        first.delay(Duration.ZERO, () -> closed.add("never")).cancel();
        first.interval(Duration.ofMillis(1), () -> closed.add("never")).cancel();
        first.notifier(() -> closed.add("never")).trigger();
        turn(second);

        second.close();
        assertThat(closed).containsExactly("closed");
        AsyncCore third = closing(AsyncCore.shared());
        turn(third);
        assertThat(third.stats().connected()).isZero();
    }
}
