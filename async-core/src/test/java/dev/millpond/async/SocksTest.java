package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against a proxy that speaks RFC 1928 and RFC 1929, written out. */
class SocksTest extends AsyncCoreTestBase {

    private static final byte[] GRANTED = {5, 0, 0, 1, 127, 0, 0, 1, 0, 80};
    private static final byte[] REFUSED = {5, 5, 0, 1, 0, 0, 0, 0, 0, 0};

    private static SocksProxy proxy(ServerSocket server, @Nullable String user, @Nullable String password) {
        return new SocksProxy(new InetSocketAddress(LOOPBACK, server.getLocalPort()), user, password);
    }

    /** Reads a greeting and the request after it, and says where to. */
    private static String negotiate(Socket socket, boolean login) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(in.readByte()).isEqualTo((byte) 5);
        in.readNBytes(in.readUnsignedByte());
        socket.getOutputStream().write(new byte[] {5, (byte) (login ? 2 : 0)});
        if (login) {
            assertThat(in.readByte()).isEqualTo((byte) 1);
            assertThat(text(in)).isEqualTo("user");
            assertThat(text(in)).isEqualTo("secret");
            socket.getOutputStream().write(new byte[] {1, 0});
        }
        assertThat(in.readNBytes(3)).containsExactly(5, 1, 0);
        String host =
                switch (in.readByte()) {
                    case 1 ->
                        in.readUnsignedByte() + "." + in.readUnsignedByte() + "." + in.readUnsignedByte() + "."
                                + in.readUnsignedByte();
                    case 3 -> text(in);
                    default -> throw new IOException("address type");
                };
        return host + ":" + in.readUnsignedShort();
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theProxyGetsTheNameAndBytesRightBehindItsAnswerArrive(String transport) throws Exception {
        ServerSocket server = peer();
        CompletableFuture<AsyncSocket> connecting =
                core(transport).connect(ConnectOptions.to("name.invalid", 80).socksProxy(proxy(server, null, null)));
        Socket socket = accept(server);
        assertThat(negotiate(socket, false)).isEqualTo("name.invalid:80");
        byte[] answer = new byte[GRANTED.length + 5];
        System.arraycopy(GRANTED, 0, answer, 0, GRANTED.length);
        System.arraycopy(latin("hello"), 0, answer, GRANTED.length, 5);
        socket.getOutputStream().write(answer);
        AsyncSocket connected = get(connecting);
        Recorder recorder = new Recorder();
        connected.listener(recorder);
        connected.resume();
        recorder.awaitText("hello");
        connected.write(bytes("question"));
        assertThat(read(socket, 8)).isEqualTo("question");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anAddressThatIsKnownIsSentAsSuchWithLogin(String transport) throws Exception {
        ServerSocket server = peer();
        CompletableFuture<AsyncSocket> connecting = core(transport)
                .connect(ConnectOptions.to("name.invalid", 80)
                        .addresses(List.of(new InetSocketAddress("127.1.2.3", 81)))
                        .socksProxy(proxy(server, "user", "secret")));
        Socket socket = accept(server);
        assertThat(negotiate(socket, true)).isEqualTo("127.1.2.3:81");
        socket.getOutputStream().write(GRANTED);
        get(connecting).abort();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aRefusalOfTheProxyFailsConnecting(String transport) throws Exception {
        ServerSocket server = peer();
        CompletableFuture<AsyncSocket> connecting =
                core(transport).connect(ConnectOptions.to("name.invalid", 80).socksProxy(proxy(server, null, null)));
        Socket socket = accept(server);
        negotiate(socket, false);
        socket.getOutputStream().write(REFUSED);
        assertThat(failureOf(connecting))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("cannot connect: name.invalid:80: socks5")
                .hasMessageContaining("REFUSED");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSilentProxyTimesOutAndIsLeft(String transport) throws Exception {
        ServerSocket server = peer();
        CompletableFuture<AsyncSocket> connecting = core(transport)
                .connect(ConnectOptions.to("name.invalid", 80)
                        .connectTimeout(Duration.ofMillis(300))
                        .socksProxy(proxy(server, null, null)));
        Socket socket = accept(server);
        assertThat(failureOf(connecting)).isInstanceOf(SocketTimeoutException.class);
        socket.getInputStream().readNBytes(3);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
}
