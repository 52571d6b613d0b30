package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Closing sends what was written, for as long as the peer receives it. */
class GracefulCloseTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void aGracefulCloseDeliversEverything(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().write(ByteBuffer.allocate(10_000_000));
        pair.socket().write(bytes("last"));
        pair.socket().close();
        pair.socket().close();
        assertThat(pair.socket().isOpen()).isFalse();
        assertThat(failureOf(pair.socket().write(bytes("late")))).hasMessage("socket closed");
        pair.peer().getInputStream().skipNBytes(10_000_000);
        assertThat(readAll(pair.peer())).isEqualTo("last");
        pair.peer().close();
        get(pair.socket().closed());
        assertThat(pair.recorder().events()).doesNotContain("failure", "end", "bytes");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatThePeerStillSendsDoesNotHarmAGracefulClose(String transport) throws Exception {
        // So narrow that closing is not over, however long the peer takes to write.
        Pair pair = narrow(core(transport));
        pair.peer().getOutputStream().write(new byte[100_000]);
        pair.socket().write(ByteBuffer.allocate(8_000_000));
        pair.socket().close();
        pair.peer().getOutputStream().write(new byte[100_000]);
        assertThat(readAll(pair.peer())).hasSize(8_000_000);
        pair.peer().close();
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void aGracefulCloseWaitsForAPeerThatReadsSlowly(String transport) throws Exception {
        Pair pair = narrow(core(transport));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(20_000_000));
        pair.socket().close();
        for (int i = 0; i < 8; i++) {
            pause(pair.socket(), Duration.ofMillis(700));
            pair.peer().getInputStream().skipNBytes(1_000_000);
        }
        assertThat(pair.peer().getInputStream().readAllBytes()).hasSize(12_000_000);
        get(written);
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void aGracefulCloseDoesNotWaitForEverForThePeer(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(20_000_000));
        pair.socket().close();
        // The peer never reads.
        get(pair.socket().closed());
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
    }
}
