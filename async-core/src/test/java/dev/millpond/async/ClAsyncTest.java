package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What cl-async tests of its TCP, pipes and TLS, with both sides ours. What it tests of failures, names and the end of
 * servers is in {@link ConnectTest}, {@link NamesTest} and {@link ClosingTest}.
 */
class ClAsyncTest extends AsyncCoreTestBase {

    private static final Certificates AUTHORITY = new Certificates();

    enum Way {
        TCP,
        PIPE,
        TLS
    }

    static Stream<Arguments> ways() {
        return transports().stream()
                .flatMap(transport -> Arrays.stream(Way.values()).map(way -> Arguments.of(transport, way)));
    }

    @TempDir
    private Path directory;

    private ListenOptions listen(Way way) throws Exception {
        return switch (way) {
            case TCP -> ListenOptions.on(new InetSocketAddress(LOOPBACK, 0));
            case PIPE -> ListenOptions.on(UnixDomainSocketAddress.of(directory.resolve("pipe")));
            case TLS ->
                ListenOptions.on(new InetSocketAddress(LOOPBACK, 0))
                        .tls(TlsOptions.server(AUTHORITY.both("localhost")));
        };
    }

    private static CompletableFuture<AsyncSocket> connect(
            AsyncCore core, Way way, String host, AsyncServer server, String first) throws Exception {
        ConnectOptions target = server.localAddress() instanceof UnixDomainSocketAddress pipe
                ? ConnectOptions.to(pipe)
                : ConnectOptions.to(host, server.port());
        if (way != Way.TLS) {
            return core.connect(target.firstBytes(bytes(first)));
        }
        TlsOptions tls = TlsOptions.client(AUTHORITY.client(), "localhost", server.port());
        return core.connect(target).thenCompose(socket -> socket.startTls(tls).thenApply(session -> {
            socket.write(bytes(first));
            return socket;
        }));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void simpleClientServer(String transport, Way way) throws Exception {
        AsyncCore core = core(transport);
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(listen(way), accepted::add));
        for (String host : List.of("127.0.0.1", "localhost")) {
            // "hai " is split up between connecting and writing.
            AsyncSocket client = get(connect(core, way, host, server, "ha"));
            client.write(bytes("i "));
            Recorder atServer = new Recorder();
            AsyncSocket other = accepted.next();
            assertThat(other.remoteAddress()).isNotNull();
            other.listener(atServer);
            other.resume();
            atServer.awaitText("hai ");
            other.write(bytes("thxlol "));
            Recorder atClient = new Recorder();
            client.listener(atClient);
            client.resume();
            atClient.awaitText("thxlol ");
            client.close();
            atServer.awaitEnd();
            other.close();
            get(other.closed());
        }
        eventually(() -> assertThat(core.stats().open()).isZero());
        assertThat(core.stats().accepted()).isEqualTo(2);
    }

    /** Answers, once so much has come, with much of a number of its own; and what came must be all the same. */
    private static final class Numbered implements SocketListener {

        static final int QUESTION = 85_000;
        static final int ANSWER = 500_000;

        private final AsyncSocket socket;
        private final byte number;
        private int received;

        Numbered(AsyncSocket socket, int number) {
            this.socket = socket;
            this.number = (byte) number;
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            received += bytes.remaining();
            byte first = bytes.get(bytes.position());
            while (bytes.hasRemaining()) {
                assertThat(bytes.get()).isEqualTo(first);
            }
            if (received == QUESTION) {
                socket.write(filled(ANSWER, number));
                socket.close();
            }
        }

        @Override
        public void onEnd() {}

        @Override
        public void onFailure(IOException cause) {}
    }

    private static ByteBuffer filled(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return ByteBuffer.wrap(bytes);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void noOverlap(String transport, Way way) throws Exception {
        AsyncCore core = core(transport);
        AtomicInteger counter = new AtomicInteger();
        AsyncServer server = get(core.listen(listen(way), socket -> {
            socket.listener(new Numbered(socket, counter.incrementAndGet()));
            socket.resume();
        }));
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            AsyncSocket client = get(connect(core, way, "127.0.0.1", server, ""));
            Recorder recorder = new Recorder();
            client.listener(recorder);
            client.resume();
            client.write(filled(Numbered.QUESTION, (byte) i));
            recorders.add(recorder);
        }
        List<Byte> numbers = new ArrayList<>();
        for (Recorder recorder : recorders) {
            byte[] answer = recorder.awaitEnd().received();
            assertThat(answer).isEqualTo(filled(Numbered.ANSWER, answer[0]).array());
            numbers.add(answer[0]);
        }
        assertThat(numbers).containsExactlyInAnyOrder((byte) 1, (byte) 2, (byte) 3, (byte) 4);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void serverClose(String transport, Way way) throws Exception {
        AsyncCore core = core(transport);
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(listen(way), accepted::add));
        AsyncSocket client = get(connect(core, way, "127.0.0.1", server, "ha"));
        AsyncSocket other = accepted.next();
        server.close();
        eventually(
                () -> assertThat(failureOf(core.connect(connectAgain(server)))).isInstanceOf(IOException.class));
        Recorder recorder = new Recorder();
        other.listener(recorder);
        other.resume();
        client.write(bytes("i"));
        recorder.awaitText("hai");
    }

    private static ConnectOptions connectAgain(AsyncServer server) {
        return server.localAddress() instanceof UnixDomainSocketAddress pipe
                ? ConnectOptions.to(pipe)
                : ConnectOptions.to("127.0.0.1", server.port());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void delays(String transport) throws Exception {
        AsyncCore core = core(transport);
        long start = System.nanoTime();
        CountDownLatch ran = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            core.delay(Duration.ofMillis(300), ran::countDown);
        }
        assertThat(ran.await(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(300));
    }
}
