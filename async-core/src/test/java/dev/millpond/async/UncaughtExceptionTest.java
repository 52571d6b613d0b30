package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What callbacks throw reaches the socket's listener, else the core's handler, and harms nothing else. */
class UncaughtExceptionTest extends AsyncCoreTestBase {

    private final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();

    private AsyncCore oneLoop(String transport) {
        return core(builder(transport).eventLoopThreads(1).exceptionHandler(uncaught::add));
    }

    private static Runnable throwing(String message) {
        return () -> {
            throw new IllegalStateException(message);
        };
    }

    private void expectUncaught(String message) throws InterruptedException {
        assertThat(uncaught.poll(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void callbacksWithoutASocketReachTheHandler(String transport) throws Exception {
        AsyncCore core = oneLoop(transport);
        core.execute(throwing("task"));
        expectUncaught("task");
        core.delay(Duration.ZERO, throwing("timer"));
        expectUncaught("timer");
        Cancellable interval = core.interval(Duration.ofMillis(1), throwing("interval"));
        expectUncaught("interval");
        expectUncaught("interval");
        interval.cancel();
        turn(core);
        uncaught.clear();
        Notifier notifier = core.notifier(throwing("notifier"));
        notifier.trigger();
        expectUncaught("notifier");
        notifier.trigger();
        expectUncaught("notifier");
        AsyncServer server = get(core.listen(
                new InetSocketAddress(LOOPBACK, 0), socket -> throwing("accept").run()));
        patient(new Socket(LOOPBACK, server.port()));
        expectUncaught("accept");
        core.onClose(throwing("close"));
        core.close();
        expectUncaught("close");
        core.onClose(throwing("closed"));
        expectUncaught("closed");
        assertThat(uncaught).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void callbacksOfASocketFailThatSocketOnly(String transport) throws Exception {
        AsyncCore core = oneLoop(transport);
        Pair good = connected(core);
        Pair first = connected(core);
        first.socket().execute(throwing("task"));
        assertThat(first.recorder().awaitFailure())
                .hasMessage("listener threw java.lang.IllegalStateException: task")
                .hasCauseInstanceOf(IllegalStateException.class);
        Pair second = connected(core);
        second.socket().delay(Duration.ZERO, throwing("timer"));
        assertThat(second.recorder().awaitFailure()).hasMessageEndingWith("timer");
        Pair third = connected(core, new Recorder() {
            @Override
            public synchronized void onEnd() {
                throw new IllegalStateException("end");
            }
        });
        third.socket().resume();
        third.peer().shutdownOutput();
        assertThat(third.recorder().awaitFailure()).hasMessageEndingWith("end");

        good.socket().resume();
        send(good.peer(), "fine");
        good.recorder().awaitText("fine");
        assertThat(uncaught).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void callbacksOfAClosedSocketReachTheHandler(String transport) throws Exception {
        AsyncCore core = oneLoop(transport);
        Pair failing = connected(core, new Recorder() {
            @Override
            public synchronized void onFailure(IOException cause) {
                throw new IllegalStateException("failure");
            }
        });
        failing.socket().resume();
        reset(failing.peer());
        expectUncaught("failure");
        failing.socket().execute(throwing("late"));
        expectUncaught("late");
        AsyncSocket[] self = new AsyncSocket[1];
        Pair aborting = connected(core, new Recorder() {
            @Override
            public synchronized void onBytes(ByteBuffer bytes) {
                self[0].abort();
                throw new IllegalStateException("after abort");
            }
        });
        self[0] = aborting.socket();
        aborting.socket().resume();
        send(aborting.peer(), "x");
        expectUncaught("after abort");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aHandlerThatThrowsEndsNothing(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1).exceptionHandler(thrown -> {
            throw new IllegalStateException("handler", thrown);
        }));
        core.execute(throwing("task"));
        core.execute(() -> {
            throw new StackOverflowError();
        });
        turn(core);
    }
}
