package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connects without a future, and what ends them early. */
class ConnectEndTest extends AsyncCoreTestBase {

    /** So many that a few descriptors of others, which come and go, make no difference. */
    private static final int MANY = 200;

    /** Of sockets and failures, as they are told. */
    private final BlockingQueue<Object> ends = new LinkedBlockingQueue<>();

    private final CountDownLatch free = new CountDownLatch(1);

    /** Before the cores are closed: a test that failed would leave a loop that waits for ever. */
    @AfterEach
    void free() {
        free.countDown();
    }

    private Cancellable connect(AsyncCore core, ConnectOptions options) {
        return core.connect(options, (socket, failure) -> ends.add(socket != null ? socket : failure));
    }

    private Object end() throws InterruptedException {
        return ends.poll(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private AsyncCore oneLoop(String transport) {
        return core(builder(transport).eventLoopThreads(1));
    }

    /** Until {@link #free}: its one loop hears of nothing. Has loaded what a connect takes that is cancelled. */
    private AsyncCore busy(String transport, ServerSocket server) throws Exception {
        AsyncCore core = oneLoop(transport);
        CompletableFuture<Void> running = new CompletableFuture<>();
        core.execute(() -> {
            running.complete(null);
            awaitFree();
        });
        get(running);
        connect(core, to(server)).cancel();
        assertThat(ends.remove()).isInstanceOf(CancellationException.class);
        return core;
    }

    private void awaitFree() {
        try {
            free.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theSocketIsToldOnce(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncCore core = oneLoop(transport);
        Cancellable connect = connect(core, to(server));
        AsyncSocket socket = (AsyncSocket) end();
        connect.cancel();
        turn(core);
        assertThat(ends).isEmpty();
        assertThat(socket.isOpen()).isTrue();
        accept(server);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aFailureIsTold(String transport) throws Exception {
        ServerSocket server = peer();
        server.close();
        connect(oneLoop(transport), to(server));
        assertThat(end())
                .isExactlyInstanceOf(ConnectException.class)
                .hasToString("java.net.ConnectException: connection refused: 127.0.0.1:" + server.getLocalPort());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedCoreIsTold(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncCore core = oneLoop(transport);
        core.close();
        connect(core, to(server)).cancel();
        assertThat(ends.remove())
                .isExactlyInstanceOf(SocketException.class)
                .hasToString("java.net.SocketException: async core closed");
        assertThat(ends).isEmpty();
    }

    @Test
    void aClosedHandleOnTheSharedCoreIsToldToo() throws Exception {
        ServerSocket server = peer();
        try (AsyncCore other = AsyncCore.shared()) {
            AsyncCore shared = AsyncCore.shared();
            connect(shared, to(server));
            assertThat(end()).isInstanceOf(AsyncSocket.class);
            accept(server);
            shared.close();
            connect(shared, to(server)).cancel();
            assertThat(ends.remove()).hasToString("java.net.SocketException: async core closed");
            assertThat(other.stats().open()).isOne();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatTheCallbackThrowsReachesTheHandler(String transport) throws Exception {
        ServerSocket server = peer();
        BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
        AsyncCore core = core(builder(transport).exceptionHandler(uncaught::add));
        core.connect(to(server), (socket, failure) -> {
            throw new IllegalStateException("connected");
        });
        assertThat(uncaught.poll(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS)).hasMessage("connected");
        core.close();
        core.connect(to(server), (socket, failure) -> {
            throw new IllegalStateException("closed");
        });
        assertThat(uncaught.poll()).hasMessage("closed");
    }

    /** The thread that connects has opened the channel by then; nobody else would close it. */
    @ParameterizedTest
    @MethodSource("transports")
    void cancellingBeforeTheLoopKnowsOfItLeavesNoDescriptor(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncCore core = busy(transport, server);
        long before = descriptors();
        for (int i = 0; i < MANY; i++) {
            connect(core, to(server)).cancel();
            assertThat(ends.remove()).isInstanceOf(CancellationException.class);
        }
        assertThat(descriptors()).isLessThan(before + MANY / 2);
        free.countDown();
        turn(core);
        assertThat(core.stats().connected()).isZero();
        assertThat(core.stats().timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closingTheCoreBeforeTheLoopKnowsOfItLeavesNoDescriptor(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncCore core = busy(transport, server);
        long before = descriptors();
        for (int i = 0; i < MANY; i++) {
            connect(core, to(server));
        }
        assertThat(descriptors()).isGreaterThan(before + MANY / 2);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(core::close);
        for (int i = 0; i < MANY; i++) {
            assertThat(end()).hasToString("java.net.SocketException: async core closed");
        }
        assertThat(descriptors()).isLessThan(before + MANY / 2);
        free.countDown();
        get(closing);
        assertThat(ends).isEmpty();
    }
}
