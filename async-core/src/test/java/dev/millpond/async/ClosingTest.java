package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sockets, servers and cores that are closed leave nothing behind. */
class ClosingTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void abortSendsAReset(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(20_000_000));
        pair.socket().abort();
        pair.socket().abort();
        assertThat(pair.socket().isOpen()).isFalse();
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        get(pair.socket().closed());
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> pair.peer().getInputStream().skipNBytes(20_000_000)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        assertThat(pair.recorder().events()).doesNotContain("failure", "end");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void abortOvertakesAGracefulClose(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().write(ByteBuffer.allocate(20_000_000));
        pair.socket().close();
        pair.socket().abort();
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedServerRefusesAndItsConnectionsLiveOn(String transport) throws Exception {
        AsyncCore core = core(transport);
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), accepted::add));
        Socket client = patient(new Socket(LOOPBACK, server.port()));
        AsyncSocket socket = accepted.next();
        server.close();
        server.close();
        eventually(() -> assertThat(failureOf(core.connect(ConnectOptions.to("127.0.0.1", server.port()))))
                .hasMessageContaining("refused"));
        socket.write(bytes("alive"));
        assertThat(read(client, 5)).isEqualTo("alive");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPortInUseCannotBeListenedOn(String transport) throws Exception {
        ServerSocket server = peer();
        InetSocketAddress taken = new InetSocketAddress(LOOPBACK, server.getLocalPort());
        assertThat(failureOf(core(transport).listen(taken, socket -> {})))
                .isInstanceOf(java.net.BindException.class)
                .hasMessageContaining("cannot listen on")
                .hasMessageContaining("address already in use");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aListenerOfConnectionsThatThrowsLosesThatConnectionOnly(String transport) throws Exception {
        Accepted accepted = new Accepted();
        AsyncServer server = get(core(transport).listen(new InetSocketAddress(LOOPBACK, 0), socket -> {
            accepted.add(socket);
            if (accepted.size() == 1) {
                throw new IllegalStateException("not today");
            }
        }));
        Socket first = patient(new Socket(LOOPBACK, server.port()));
        assertThatCode(() -> readAll(first)).hasMessageContaining("reset");
        Socket second = patient(new Socket(LOOPBACK, server.port()));
        eventually(() -> assertThat(accepted).hasSize(2));
        accepted.forEach(socket -> socket.write(bytes("hi")));
        assertThat(read(second, 2)).isEqualTo("hi");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closingTheCoreFailsWhateverWasGoingOn(String transport) throws Exception {
        ServerSocket silent = peer();
        AsyncCore core = core(builder(transport).nameResolver(host -> new CompletableFuture<>()));
        Pair idle = connected(core);
        Pair reading = connected(core);
        reading.socket().resume();
        Pair writing = connected(core);
        CompletableFuture<Void> written = writing.socket().write(ByteBuffer.allocate(20_000_000));
        Pair securing = connected(core);
        CompletableFuture<?> handshake =
                securing.socket().startTls(TlsOptions.client(new Certificates().client(), "good.invalid", 443));
        Pair closing = connected(core);
        closing.socket().write(ByteBuffer.allocate(20_000_000));
        closing.socket().close();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), socket -> {}));
        CompletableFuture<?> lookUp = core.resolve("slow.invalid");
        CompletableFuture<?> connect = core.connect(ConnectOptions.to("slow.invalid", silent.getLocalPort()));
        List<String> ran = new ArrayList<>();
        core.delay(Duration.ofHours(1), () -> ran.add("timer"));

        core.close();
        core.close();

        for (Pair pair : List.of(idle, reading, writing, securing)) {
            assertThat(pair.recorder().awaitFailure())
                    .isInstanceOf(SocketException.class)
                    .hasMessage("async core closed");
            get(pair.socket().closed());
        }
        get(closing.socket().closed());
        for (CompletableFuture<?> future : List.of(written, handshake, lookUp, connect)) {
            assertThat(failureOf(future)).isInstanceOf(IOException.class).hasMessage("async core closed");
        }
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> new Socket(LOOPBACK, server.port()).close()))
                .isInstanceOf(java.net.ConnectException.class);
        assertThat(ran).isEmpty();
        assertThat(core.stats().open()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedCoreStartsNothing(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        core.close();
        for (CompletableFuture<?> future : List.of(
                core.connect(ConnectOptions.to("127.0.0.1", 1)),
                core.listen(new InetSocketAddress(LOOPBACK, 0), socket -> {}),
                core.resolve("localhost"))) {
            assertThat(failureOf(future)).isInstanceOf(IOException.class).hasMessage("async core closed");
        }
        core.delay(Duration.ZERO, () -> {}).cancel();
        AsyncSocket socket = pair.socket();
        socket.execute(() -> {});
        socket.delay(Duration.ZERO, () -> {}).cancel();
        socket.pause();
        socket.resume();
        socket.close();
        socket.abort();
        allFail(socket);
    }

    private static void allFail(AsyncSocket socket) throws Exception {
        assertThat(failureOf(socket.write(bytes("late")))).hasMessage("socket closed");
        assertThat(failureOf(socket.shutdownOutput())).hasMessage("socket closed");
        assertThat(failureOf(socket.startTls(TlsOptions.client(new Certificates().client(), "x.invalid", 1))))
                .hasMessage("socket closed");
        get(socket.closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aCoreMayBeClosedOnItsOwnLoop(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        pair.socket().execute(() -> {
            core.close();
            closed.complete(null);
        });
        get(closed);
        assertThat(pair.recorder().awaitFailure()).hasMessage("async core closed");
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void timersRunOnTheLoopOnceAndNotWhenCancelled(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        assertThat(AsyncCore.onEventLoop()).isFalse();
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        List<String> ran = new ArrayList<>();
        // On the loop, which so can't run it before it is cancelled.
        core.execute(() ->
                core.delay(Duration.ofMillis(5), () -> ran.add("cancelled")).cancel());
        core.delay(Duration.ofSeconds(Long.MAX_VALUE), () -> ran.add("never")).cancel();
        core.delay(Duration.ofMillis(20), () -> onLoop.complete(AsyncCore.onEventLoop()));
        assertThat(get(onLoop)).isTrue();
        assertThat(ran).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void manyConnectionsLeaveNothingBehind(String transport) throws Exception {
        AsyncCore core = core(transport);
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), accepted::add));
        ConnectOptions target = ConnectOptions.to("127.0.0.1", server.port());
        for (int i = 0; i < 100; i++) {
            // So that pools are as large as this takes.
            cycle(core, target, accepted);
        }
        long before = descriptors();
        long threads = threads();
        List<Long> growth = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            long memory = directMemory();
            for (int i = 0; i < 250; i++) {
                cycle(core, target, accepted);
            }
            growth.add(directMemory() - memory);
        }
        eventually(() -> {
            assertThat(descriptors()).isLessThanOrEqualTo(before);
            assertThat(core.stats().timers()).isZero();
            assertThat(threads()).isLessThanOrEqualTo(threads);
        });
        // The allocator may take a chunk more for buffers of another size; a leak takes more in each round.
        assertThat(growth).anyMatch(bytes -> bytes <= 0);
        CoreStats stats = core.stats();
        assertThat(stats.open()).isZero();
        assertThat(stats.pendingLookUps()).isZero();
        assertThat(stats.pendingWrites()).isZero();
        assertThat(stats.pendingWriteBytes()).isZero();
        assertThat(stats.connected()).isEqualTo(1_100);
        assertThat(stats.accepted()).isEqualTo(1_100);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedSocketIsOutOfTheStatsWithAllItStillHadToSend(String transport) throws Exception {
        AsyncCore core = core(transport);
        for (int i = 0; i < 200; i++) {
            AsyncSocket socket = connected(core).socket();
            socket.write(ByteBuffer.allocate(10_000_000));
            socket.abort();
            get(socket.closed());
            CoreStats stats = core.stats();
            assertThat(stats.open()).isZero();
            assertThat(stats.pendingWrites()).isZero();
            assertThat(stats.pendingWriteBytes()).isZero();
        }
    }

    private static long directMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                        .metric()
                        .usedDirectMemory()
                + PlatformDependent.usedDirectMemory();
    }

    private void cycle(AsyncCore core, ConnectOptions target, Accepted accepted) throws Exception {
        AsyncSocket socket = get(core.connect(target));
        AsyncSocket other = accepted.next();
        socket.timeouts(Duration.ofHours(1), Duration.ofHours(1));
        socket.resume();
        socket.write(bytes("x"));
        socket.close();
        other.abort();
        get(socket.closed());
        get(other.closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedCoreLeavesNoThreadAndNoDescriptor(String transport) throws Exception {
        openAndClose(transport);
        long before = descriptors();
        for (int i = 0; i < 5; i++) {
            openAndClose(transport);
        }
        eventually(() -> {
            assertThat(descriptors()).isLessThanOrEqualTo(before);
            assertThat(threads()).isZero();
        });
    }

    private void openAndClose(String transport) throws Exception {
        try (ScriptedNameServer names = new ScriptedNameServer().answer("here.invalid", "127.0.0.1");
                AsyncCore core =
                        builder(transport).nameServers(List.of(names.address())).build();
                ServerSocket server = new ServerSocket(0, 10, LOOPBACK)) {
            AsyncSocket socket = get(core.connect(ConnectOptions.to("here.invalid", server.getLocalPort())));
            socket.listener(new Recorder());
            socket.resume();
            server.accept().close();
        }
    }

    /** Of cores: others come and go with what runs the tests. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millpond-"))
                .count();
    }
}
