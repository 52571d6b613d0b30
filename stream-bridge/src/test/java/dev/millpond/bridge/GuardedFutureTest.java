package dev.millpond.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.EventLoop;
import dev.millpond.async.LedLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardedFutureTest {

    private final AtomicInteger left = new AtomicInteger();

    private final EventLoop loop = new EventLoop() {
        @Override
        public void atTurnEnd(Runnable task) {
            task.run();
        }

        @Override
        public void leave() {
            left.incrementAndGet();
        }
    };

    private final CompletableFuture<String> future = new GuardedFuture<>();

    @AfterEach
    void lead() {
        LedLoop.set(null);
        LedLoop.leave();
    }

    @Test
    void anEventLoopDoesNotWait() {
        LedLoop.set(loop);
        assertThatThrownBy(future::get).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(future::join).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> future.thenApply(text -> text).get(1, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoWaitsDoesNotComeBackToAnEventLoop() {
        LedLoop.left(loop);
        assertThatThrownBy(() -> future.get(1, TimeUnit.NANOSECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(left).hasValue(1);
        assertThat(LedLoop.left()).isNull();
    }

    @Test
    void whoNeedNotWaitDoes() {
        LedLoop.left(loop);
        future.complete("done");
        assertThat(future.join()).isEqualTo("done");
        assertThat(left).hasValue(0);
        assertThat(LedLoop.left()).isEqualTo(loop);
    }
}
