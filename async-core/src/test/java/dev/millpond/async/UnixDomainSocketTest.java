package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UnixDomainSocketTest extends AsyncCoreTestBase {

    @TempDir
    private Path directory;

    private UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(directory.resolve("a.sock"));
    }

    private ServerSocketChannel listening() throws IOException {
        return closing(ServerSocketChannel.open(StandardProtocolFamily.UNIX)).bind(address());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bytesGoBothWaysAndEachSideEnds(String transport) throws Exception {
        ServerSocketChannel server = listening();
        AsyncSocket socket = get(core(transport).connect(ConnectOptions.to(address())));
        SocketChannel peer = closing(server.accept());
        assertThat(socket.remoteAddress()).isEqualTo(address());
        Recorder recorder = new Recorder();
        socket.listener(recorder);
        socket.resume();

        socket.write(bytes("question"));
        ByteBuffer read = ByteBuffer.allocate(8);
        while (read.hasRemaining()) {
            assertThat(peer.read(read)).isPositive();
        }
        assertThat(StandardCharsets.ISO_8859_1.decode(read.flip()).toString()).isEqualTo("question");

        peer.write(bytes("answer"));
        recorder.awaitText("answer");
        peer.shutdownOutput();
        recorder.awaitEnd();
        boolean canStillWrite = transport.equals("epoll");
        if (canStillWrite) {
            get(socket.write(bytes("late")));
        }
        socket.close();
        get(socket.closed());
        ByteBuffer rest = ByteBuffer.allocate(100);
        while (peer.read(rest) >= 0) {
            // until the end
        }
        assertThat(rest.position()).isEqualTo(canStillWrite ? 4 : 0);
        assertThat(recorder.events()).containsExactly("bytes", "end");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPathWhereNobodyListensRefuses(String transport) throws Exception {
        listening().close();
        assertThat(failureOf(core(transport).connect(ConnectOptions.to(address()))))
                .isInstanceOf(ConnectException.class)
                .hasMessage("connection refused: " + address());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPathThatIsNotThereFails(String transport) throws Exception {
        assertThat(failureOf(core(transport).connect(ConnectOptions.to(address()))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(address().toString());
    }
}
