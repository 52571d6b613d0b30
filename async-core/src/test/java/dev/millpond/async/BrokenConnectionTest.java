package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Resets, listeners that throw, and writes that fail. */
class BrokenConnectionTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void aResetBeforeAnyByteIsAFailure(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        reset(pair.peer());
        assertThat(pair.recorder().awaitFailure())
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("connection reset by peer");
        assertThat(pair.socket().isOpen()).isFalse();
        get(pair.socket().closed());
        assertThat(pair.recorder().events()).containsExactly("failure");
        assertThat(failureOf(pair.socket().write(bytes("late"))))
                .isInstanceOf(SocketException.class)
                .hasMessage("socket closed");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aResetBeforeItIsAcceptedIsAFailureOfThatConnectionOnly(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), accepted::add));
        CompletableFuture<Void> busy = new CompletableFuture<>();
        core.execute(busy::join);
        reset(patient(new Socket(LOOPBACK, server.port())));
        Socket second = patient(new Socket(LOOPBACK, server.port()));
        busy.complete(null);

        AsyncSocket broken = accepted.next();
        Recorder recorder = new Recorder();
        broken.listener(recorder);
        broken.resume();
        assertThat(recorder.awaitFailure()).isInstanceOf(SocketException.class);
        get(broken.closed());
        AsyncSocket sound = accepted.next();
        sound.write(bytes("hello"));
        assertThat(read(second, 5)).isEqualTo("hello");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bytesBeforeAResetAreHeard(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        send(pair.peer(), "some");
        pair.recorder().awaitText("some");
        reset(pair.peer());
        assertThat(pair.recorder().awaitFailure()).hasMessage("connection reset by peer");
        assertThat(pair.recorder().events()).containsExactly("bytes", "failure");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bytesThatWaitWhilePausedSurviveAReset(String transport) throws Exception {
        Pair pair = connected(core(transport));
        send(pair.peer(), "413 too large");
        turns(pair.socket());
        reset(pair.peer());
        turns(pair.socket());
        pair.socket().resume();
        assertThat(pair.recorder().awaitFailure()).hasMessage("connection reset by peer");
        assertThat(pair.recorder().text()).isEqualTo("413 too large");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aResetWhileAWriteIsPendingIsNotTakenForAnEnd(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(20_000_000));
        assertThat(read(pair.peer(), 1)).hasSize(1);
        reset(pair.peer());
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        assertThat(pair.recorder().awaitFailure())
                .isInstanceOf(SocketException.class)
                .hasMessage("connection reset by peer");
        assertThat(pair.recorder().events()).doesNotContain("end");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anEarlyAnswerIsHeardThoughWritingFails(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(20_000_000));
        send(pair.peer(), "413");
        pair.peer().shutdownOutput();
        turns(pair.socket());
        // Unread bytes in its buffers: the system resets.
        pair.peer().close();
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        pair.socket().resume();
        pair.recorder().await(me -> me.text().equals("413"));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aListenerThatThrowsFailsItsSocketOnly(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        Recorder bad = new Recorder() {
            @Override
            public synchronized void onBytes(ByteBuffer bytes) {
                throw new IllegalStateException("oops");
            }
        };
        Pair good = connected(core);
        Pair pair = connected(core, bad);
        pair.socket().resume();
        send(pair.peer(), "x");
        IOException failure = bad.awaitFailure();
        assertThat(failure)
                .hasMessage("listener threw java.lang.IllegalStateException: oops")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(bad.events()).containsExactly("failure");
        get(pair.socket().closed());

        good.socket().resume();
        send(good.peer(), "fine");
        good.recorder().awaitText("fine");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aListenerThatThrowsOnFailureIsCalledOnce(String transport) throws Exception {
        AtomicLong calls = new AtomicLong();
        Pair pair = connected(core(transport), new Recorder() {
            @Override
            public synchronized void onFailure(IOException cause) {
                calls.incrementAndGet();
                throw new IllegalStateException("again");
            }
        });
        pair.socket().resume();
        reset(pair.peer());
        get(pair.socket().closed());
        turns(pair.socket());
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aFailureBeforeThereIsAListenerIsKeptForIt(String transport) throws Exception {
        AsyncCore core = core(transport);
        java.net.ServerSocket server = peer();
        AsyncSocket socket = get(core.connect(to(server)));
        socket.resume();
        reset(accept(server));
        get(socket.closed());
        Recorder recorder = new Recorder();
        socket.listener(recorder);
        assertThat(recorder.awaitFailure()).hasMessage("connection reset by peer");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aResetAfterTheEndDoesNotKeepTheLoopBusy(String transport) throws Exception {
        Pair pair = connected(core(builder(transport).eventLoopThreads(1)));
        pair.socket().resume();
        pair.peer().shutdownOutput();
        pair.recorder().awaitEnd();
        reset(pair.peer());
        turns(pair.socket());
        long before = cpuTime(pair.socket());
        Thread.sleep(300);
        assertThat(cpuTime(pair.socket()) - before)
                .isLessThan(Duration.ofMillis(150).toNanos());
    }

    private static long cpuTime(AsyncSocket socket) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        CompletableFuture<Long> time = new CompletableFuture<>();
        socket.execute(() -> time.complete(threads.getCurrentThreadCpuTime()));
        return get(time);
    }

    /** Gives the loop a few turns. */
    private static void turns(AsyncSocket socket) throws Exception {
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            socket.delay(Duration.ofMillis(20), () -> turn.complete(null));
            get(turn);
        }
    }
}
