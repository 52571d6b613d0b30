package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A peer that has sent all it has to send, and still reads. */
class HalfClosedTest extends AsyncCoreTestBase {

    private static final int MUCH = 20_000_000;

    private Pair halfClosed(AsyncCore core) throws Exception {
        Pair pair = connected(core);
        pair.socket().resume();
        send(pair.peer(), "question");
        pair.peer().shutdownOutput();
        pair.recorder().awaitEnd();
        return pair;
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aLongAnswerAfterTheEndOfThePeerArrivesWhole(String transport) throws Exception {
        Pair pair = halfClosed(core(transport));
        byte[] answer = new byte[MUCH];
        new Random(9).nextBytes(answer);

        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.wrap(answer));

        assertThat(readInSteps(pair)).isEqualTo(answer);
        get(written);
        // And once more, as the first has come and gone.
        CompletableFuture<Void> again = pair.socket().write(ByteBuffer.wrap(answer));
        pair.socket().close();
        assertThat(readInSteps(pair)).isEqualTo(answer);
        get(again);
        assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
        assertThat(pair.recorder().failed()).isEmpty();
    }

    /** With a turn of the loop between the steps, so that the buffers are full again and again. */
    private static byte[] readInSteps(Pair pair) throws Exception {
        byte[] read = new byte[MUCH];
        InputStream in = pair.peer().getInputStream();
        for (int done = 0; done < MUCH; ) {
            done += in.readNBytes(read, done, Math.min(2_000_000, MUCH - done));
            CompletableFuture<Void> turn = new CompletableFuture<>();
            pair.socket().execute(() -> turn.complete(null));
            get(turn);
        }
        return read;
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aLongAnswerIsCutOffByAReset(String transport) throws Exception {
        Pair pair = halfClosed(core(transport));
        CompletableFuture<Void> written = pair.socket().write(ByteBuffer.allocate(MUCH));
        pair.peer().getInputStream().readNBytes(1_000_000);
        reset(pair.peer());
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
    }
}
