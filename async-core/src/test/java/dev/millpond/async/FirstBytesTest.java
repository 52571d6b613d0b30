package dev.millpond.async;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that are sent with the connect. The same has to come true whether the system does TCP Fast Open, which also
 * takes a second connect to the same server, or not.
 */
@SuppressWarnings("AddressSelection") // of literals
class FirstBytesTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void theyArriveBeforeAnythingElseEachTime(String transport) throws Exception {
        AsyncCore core = core(transport);
        ServerSocket server = peer();
        ConnectOptions options = to(server).firstBytes(bytes("first "));
        for (int i = 0; i < 3; i++) {
            AsyncSocket socket = get(core.connect(options));
            socket.write(bytes("second"));
            Socket peer = accept(server);
            assertThat(read(peer, 12)).isEqualTo("first second");
            socket.close();
            assertThat(readAll(peer)).isEmpty();
            peer.close();
            get(socket.closed());
        }
        assertThat(core.stats().pendingWriteBytes()).isZero();
        eventually(() -> assertThat(core.stats().timers()).isZero());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void manyArriveWhole(String transport) throws Exception {
        AsyncCore core = core(transport);
        ServerSocket server = peer();
        byte[] much = new byte[3_000_000];
        new Random(10).nextBytes(much);
        for (int i = 0; i < 2; i++) {
            AsyncSocket socket = get(core.connect(to(server).firstBytes(ByteBuffer.wrap(much))));
            Socket peer = accept(server);
            assertThat(peer.getInputStream().readNBytes(much.length)).isEqualTo(much);
            socket.shutdownOutput();
            assertThat(readAll(peer)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void ofSeveralAddressesOnlyTheWinnerGetsThem(String transport) throws Exception {
        ServerSocket winner = peer();
        int port = winner.getLocalPort();
        ServerSocket other = closing(new ServerSocket());
        other.bind(new InetSocketAddress("127.0.0.3", port));
        AsyncSocket socket = get(core(transport)
                .connect(ConnectOptions.to("name.invalid", port)
                        .addresses(List.of(
                                new InetSocketAddress("127.0.0.2", port),
                                new InetSocketAddress("127.0.0.1", port),
                                new InetSocketAddress("127.0.0.3", port)))
                        .firstBytes(bytes("once"))));
        socket.shutdownOutput();
        assertThat(readAll(accept(winner))).isEqualTo("once");
        other.setSoTimeout(100);
        assertThatThrownBy(other::accept).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aRefusalIsAConnectException(String transport) throws Exception {
        AsyncCore core = core(transport);
        ServerSocket server = peer();
        ConnectOptions options = to(server).firstBytes(bytes("first"));
        get(core.connect(options)).abort();
        accept(server);
        server.close();
        // With Fast Open, which may connect now, it comes later.
        Throwable failure;
        try {
            AsyncSocket socket = get(core.connect(options));
            Recorder recorder = new Recorder();
            socket.listener(recorder);
            socket.resume();
            failure = recorder.awaitFailure();
        } catch (ExecutionException refused) {
            failure = requireNonNull(refused.getCause());
        }
        assertThat(failure).isInstanceOf(ConnectException.class).hasMessageStartingWith("connection refused");
    }
}
