package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import dev.millpond.http.Millpond;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ManyAtOnceTest {

    private static final int FETCHES = 3000; // two descriptors each, as the server is in this process too
    private static final int THREADS = 16;
    private static final byte[] OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(US_ASCII);

    @Test
    void thousandsOfSlowResponsesAreAwaitedByAFewThreads() throws Exception {
        try (AsyncCore core = AsyncCore.create();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SlowAnswer::begin)
                        .get(10, TimeUnit.SECONDS);
                Millpond millpond = Millpond.create()) {
            String url = "http://localhost:" + server.port() + "/";
            for (int round = 0; round < 2; round++) {
                List<CompletableFuture<ClassicHttpResponse>> all = new ArrayList<>();
                for (int i = 0; i < FETCHES; i++) {
                    all.add(millpond.fetch(ClassicRequestBuilder.get(url).build()));
                }
                for (CompletableFuture<ClassicHttpResponse> one : all) {
                    assertThat(one.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(200);
                }
                assertThat(millpond.stats().connectionsLeased()).isZero();
                assertThat(threads()).isLessThanOrEqualTo(THREADS);
            }
            assertThat(millpond.stats().connectionsOpened()).isEqualTo(FETCHES);
            assertThat(millpond.stats().connectionsReused()).isEqualTo(FETCHES);
        }
    }

    /** Of client and server together. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millpond"))
                .count();
    }

    private record SlowAnswer(AsyncSocket socket) implements SocketListener {

        static void begin(AsyncSocket socket) {
            socket.listener(new SlowAnswer(socket));
            socket.resume();
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            // A request comes in one read here: it is small, and written at once.
            socket.delay(Duration.ofSeconds(1), () -> socket.write(ByteBuffer.wrap(OK)));
        }

        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            // The client has gone.
        }
    }
}
