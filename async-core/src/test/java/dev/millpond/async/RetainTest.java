package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RetainTest extends AsyncCoreTestBase {

    private static final int COUNT = 1 << 20;
    private static final int WAITING = 64 << 10;

    /** Retains what it can, and copies the rest. */
    private static final class Retaining implements SocketListener {

        private final AsyncSocket socket;
        private final List<Object> parts = new ArrayList<>();
        private final CompletableFuture<List<Object>> all = new CompletableFuture<>();
        private int missing = COUNT;

        Retaining(AsyncSocket socket) {
            this.socket = socket;
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            missing -= bytes.remaining();
            RetainedBytes retained = socket.retain(bytes);
            if (retained == null) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                parts.add(copy);
            } else {
                parts.add(retained);
            }
            if (missing == 0) {
                all.complete(parts);
            }
        }

        @Override
        public void onEnd() {}

        @Override
        public void onFailure(IOException cause) {
            all.completeExceptionally(cause);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void retainedBytesStayUntilTheyAreReleased(String transport) throws Exception {
        byte[] sent = new byte[COUNT];
        new Random(1).nextBytes(sent);
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        Retaining listener = new Retaining(pair.socket());
        pair.socket().listener(listener);
        // So that there is much to read at once.
        pair.peer().getOutputStream().write(sent, 0, WAITING);
        pair.socket().resume();
        pair.peer().getOutputStream().write(sent, WAITING, COUNT - WAITING);

        ByteArrayOutputStream received = new ByteArrayOutputStream();
        int retained = 0;
        for (Object part : get(listener.all)) {
            if (part instanceof RetainedBytes bytes) {
                assertThat(core.stats().retainedBytes())
                        .isGreaterThanOrEqualTo(bytes.buffer().remaining());
                byte[] copy = new byte[bytes.buffer().remaining()];
                bytes.buffer().get(copy);
                received.write(copy);
                bytes.release();
                retained++;
            } else {
                received.write((byte[]) part);
            }
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
        assertThat(retained).isPositive();
        assertThat(core.stats().retainedBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void thereIsSomethingToRetainOnlyWhileItIsReceived(String transport) throws Exception {
        AsyncSocket socket = connected(core(transport)).socket();
        assertThatThrownBy(() -> socket.retain(ByteBuffer.allocate(0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no bytes are being received");
    }
}
