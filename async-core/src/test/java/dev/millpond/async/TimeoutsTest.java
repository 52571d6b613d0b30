package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TimeoutsTest extends AsyncCoreTestBase {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofHours(1);
    private static final int MUCH = 20_000_000;

    @ParameterizedTest
    @MethodSource("transports")
    void aSilentPeerFailsTheSocket(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        pair.socket().timeouts(SHORT, Duration.ZERO);
        long start = System.nanoTime();
        pair.socket().resume();
        assertThat(pair.recorder().awaitFailure())
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("nothing read for 200ms");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        get(pair.socket().closed());
        assertThat(core.stats().timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPeerThatSendsNowAndThenDoesNot(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().timeouts(Duration.ofSeconds(2), Duration.ZERO);
        pair.socket().resume();
        for (int i = 0; i < 6; i++) {
            pause(pair.socket(), Duration.ofMillis(400));
            send(pair.peer(), "x");
        }
        pair.recorder().awaitText("xxxxxx");
        pair.peer().shutdownOutput();
        pair.recorder().awaitEnd();
        // Nothing more is to be waited for.
        pause(pair.socket(), Duration.ofMillis(2_200));
        assertThat(pair.recorder().events()).containsExactly("bytes", "end");
        assertThat(pair.socket().isOpen()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whilePausedNothingIsWaitedFor(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        pair.socket().timeouts(SHORT, SHORT);
        pause(pair.socket(), SHORT.multipliedBy(2));
        assertThat(pair.recorder().events()).isEmpty();
        assertThat(core.stats().timers()).isZero();
        pair.socket().resume();
        pair.socket().pause();
        pause(pair.socket(), SHORT.multipliedBy(2));
        assertThat(pair.recorder().events()).isEmpty();
        pair.socket().resume();
        assertThat(pair.recorder().awaitFailure()).hasMessage("nothing read for 200ms");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPeerThatDoesNotReadFailsTheSocketAndItsWrites(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        pair.socket().timeouts(LONG, SHORT);
        pair.socket().resume();
        // Two that come to the loop at once.
        CompletableFuture<Void> busy = new CompletableFuture<>();
        pair.socket().execute(busy::join);
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(MUCH));
        pair.socket().write(ByteBuffer.allocate(MUCH));
        assertThat(core.stats().pendingWrites()).isEqualTo(2);
        assertThat(core.stats().pendingWriteBytes()).isEqualTo(2 * MUCH);
        busy.complete(null);
        assertThat(pair.recorder().awaitFailure())
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("nothing written for 200ms");
        assertThat(failureOf(written)).isExactlyInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> pair.peer().getInputStream().skipNBytes(MUCH)).isInstanceOf(SocketException.class);
        get(pair.socket().closed());
        assertThat(core.stats().timers()).isZero();
        assertThat(core.stats().pendingWriteBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void writesToAStalledPeerAreNoProgress(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().timeouts(Duration.ZERO, SHORT);
        pair.socket().write(ByteBuffer.allocate(MUCH));
        while (pair.recorder().failed().isEmpty() && pair.socket().isOpen()) {
            pair.socket().write(ByteBuffer.allocate(100));
            Thread.sleep(10);
        }
        assertThat(pair.recorder().awaitFailure()).hasMessage("nothing written for 200ms");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPeerThatReadsSlowlyDoesNot(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().timeouts(Duration.ZERO, Duration.ofSeconds(2));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(MUCH));
        for (int read = 0; read < MUCH; read += MUCH / 10) {
            pause(pair.socket(), Duration.ofMillis(250));
            pair.peer().getInputStream().skipNBytes(MUCH / 10);
        }
        get(written);
        pause(pair.socket(), Duration.ofMillis(2_200));
        assertThat(pair.recorder().failed()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void overTlsToo(String transport) throws Exception {
        AsyncCore core = core(transport);
        Certificates authority = new Certificates();
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(
                ListenOptions.on(new InetSocketAddress(LOOPBACK, 0))
                        .tls(TlsOptions.server(authority.server("localhost"))),
                accepted::add));
        AsyncSocket socket = get(core.connect(ConnectOptions.to("127.0.0.1", server.port())));
        Recorder recorder = new Recorder();
        socket.listener(recorder);
        get(socket.startTls(TlsOptions.client(authority.client(), "localhost", 443)));
        AsyncSocket peer = accepted.next();
        AtomicLong read = new AtomicLong();
        peer.listener(new Recorder() {
            @Override
            public synchronized void onBytes(ByteBuffer bytes) {
                read.addAndGet(bytes.remaining());
            }
        });

        // Long enough for a machine that is busy with other things.
        socket.timeouts(Duration.ZERO, Duration.ofSeconds(3));
        CompletableFuture<Void> written = socket.write(ByteBuffer.allocate(MUCH));
        while (read.get() < MUCH / 2) {
            long before = read.get();
            peer.resume();
            eventually(() -> assertThat(read.get()).isGreaterThan(before));
            peer.pause();
            pause(peer, Duration.ofMillis(300));
        }
        assertThat(recorder.failed()).as("a slow reader makes progress").isEmpty();
        assertThat(recorder.awaitFailure()).hasMessage("nothing written for 3s");
        assertThat(failureOf(written)).isInstanceOf(SocketTimeoutException.class);
        peer.abort();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theyCanBeSetInTheMiddleAndTakenAway(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        pair.socket().resume();
        pair.socket().write(ByteBuffer.allocate(MUCH));
        pair.socket().timeouts(LONG, SHORT);
        pair.socket().timeouts(SHORT, LONG);
        turn(core);
        pair.socket().timeouts(Duration.ZERO, Duration.ZERO);
        pause(pair.socket(), SHORT.multipliedBy(2));
        assertThat(core.stats().timers()).isZero();
        assertThat(pair.recorder().events()).isEmpty();
        pair.socket().timeouts(LONG, SHORT);
        assertThat(pair.recorder().awaitFailure()).hasMessage("nothing written for 200ms");
        assertThatThrownBy(() -> pair.socket().timeouts(SHORT.negated(), SHORT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Time that passes; nothing can be told to come sooner here. */
    private static void pause(AsyncSocket socket, Duration time) throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        socket.delay(time, () -> passed.complete(null));
        get(passed);
    }
}
