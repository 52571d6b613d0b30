package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TimeoutsTest extends AsyncCoreTestBase {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofHours(1);

    /** Of the limits that are not to be met: a busy machine may stand still for long. */
    private static final Duration GENEROUS = Duration.ofSeconds(5);

    private static final Duration STEP = Duration.ofMillis(700);
    private static final int STEPS = 8;
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
    @Execution(CONCURRENT)
    void aPeerThatSendsNowAndThenDoesNot(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        Pair ended = connected(core);
        for (Pair each : List.of(pair, ended)) {
            each.socket().timeouts(GENEROUS, Duration.ZERO);
            each.socket().resume();
        }
        ended.peer().shutdownOutput();
        ended.recorder().awaitEnd();
        for (int i = 0; i < STEPS; i++) {
            pause(pair.socket(), STEP);
            send(pair.peer(), "x");
        }
        pair.recorder().awaitText("x".repeat(STEPS));
        assertThat(ended.recorder().events()).as("nothing more to wait for").containsExactly("end");
        assertThat(ended.socket().isOpen()).isTrue();
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
        // In one turn of the loop, so that there is no time in between.
        pair.socket().execute(() -> {
            pair.socket().resume();
            pair.socket().pause();
        });
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
    @Execution(CONCURRENT)
    void aPeerThatReadsSlowlyDoesNot(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = narrow(core);
        Pair idle = connected(core);
        for (Pair each : List.of(pair, idle)) {
            each.socket().timeouts(Duration.ZERO, GENEROUS);
        }
        get(idle.socket().write(bytes("all")));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(MUCH));
        readSlowly(pair.socket(), pair.peer());
        assertThat(written).isNotDone();
        pair.peer().getInputStream().skipNBytes(MUCH / 2);
        get(written);
        assertThat(pair.recorder().failed()).isEmpty();
        assertThat(idle.recorder().failed()).as("nothing to wait for").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void overTlsToo(String transport) throws Exception {
        Pair pair = narrow(core(transport));
        Certificates authority = new Certificates();
        SSLSocket peer = Certificates.accepted(authority.server("good.invalid"), pair.peer());
        CompletableFuture<SSLSession> handshake =
                pair.socket().startTls(TlsOptions.client(authority.client(), "good.invalid", 443));
        peer.startHandshake();
        get(handshake);

        pair.socket().timeouts(Duration.ZERO, GENEROUS);
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(MUCH));
        readSlowly(pair.socket(), peer);
        assertThat(pair.recorder().failed()).as("a slow reader makes progress").isEmpty();
        assertThat(pair.recorder().awaitFailure()).hasMessage("nothing written for 5s");
        assertThat(failureOf(written)).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theyCanBeSetInTheMiddleAndTakenAway(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        pair.socket().resume();
        pair.socket().write(ByteBuffer.allocate(MUCH));
        // In one turn of the loop, so that there is no time in between.
        pair.socket().execute(() -> {
            pair.socket().timeouts(LONG, SHORT);
            pair.socket().timeouts(SHORT, LONG);
            pair.socket().timeouts(Duration.ZERO, Duration.ZERO);
        });
        pause(pair.socket(), SHORT.multipliedBy(2));
        assertThat(core.stats().timers()).isZero();
        assertThat(pair.recorder().events()).isEmpty();
        pair.socket().timeouts(LONG, SHORT);
        assertThat(pair.recorder().awaitFailure()).hasMessage("nothing written for 200ms");
        assertThatThrownBy(() -> pair.socket().timeouts(SHORT.negated(), SHORT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Half of what is {@link #MUCH}, and for longer than what is {@link #GENEROUS}. */
    private static void readSlowly(AsyncSocket socket, Socket peer) throws Exception {
        for (int i = 0; i < STEPS; i++) {
            pause(socket, STEP);
            peer.getInputStream().skipNBytes(MUCH / (2 * STEPS));
        }
    }
}
