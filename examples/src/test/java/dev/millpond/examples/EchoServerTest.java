package dev.millpond.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class EchoServerTest {

    /** More than the server's heap. */
    private static final int MUCH = 50_000_000;

    private ExampleProcess server;

    @BeforeEach
    void start() throws IOException {
        server = new ExampleProcess(EchoServer.class, "0");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String receive(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsSentComesBackAndTheEndToo() throws Exception {
        try (Socket one = server.connect();
                Socket other = server.connect()) {
            send(one, "one");
            send(other, "other");
            assertThat(receive(other, 5)).isEqualTo("other");
            assertThat(receive(one, 3)).isEqualTo("one");
            send(one, ", and more");
            one.shutdownOutput();
            assertThat(receive(one, 100)).isEqualTo(", and more");
            send(other, "still here");
            assertThat(receive(other, 10)).isEqualTo("still here");
        }
    }

    @Test
    void aLineThatSaysQuitEndsTheServerAndNoOtherDoes() throws Exception {
        String lines = "QUITE\nI QUIT\n\nquit\r\nQUIT now\nQUI\nT\n";
        try (Socket socket = server.connect();
                Socket bystander = server.connect()) {
            send(bystander, "QU");
            assertThat(receive(bystander, 2)).isEqualTo("QU");
            send(socket, lines);
            assertThat(receive(socket, lines.length())).isEqualTo(lines);
            // In two pieces.
            send(socket, "QU");
            assertThat(receive(socket, 2)).isEqualTo("QU");
            send(socket, "IT\r\n");
            assertThat(receive(socket, 100)).isEqualTo("IT\r\n");
            assertThat(server.exitCode()).isZero();
        }
    }

    @Test
    void whoeverSendsMuchAndReadsLateGetsItAll() throws Exception {
        byte[] sent = new byte[MUCH];
        new Random(7).nextBytes(sent);
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try {
                    out.write(sent);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            byte[] received = socket.getInputStream().readNBytes(MUCH);
            writing.join();
            assertThat(received).isEqualTo(sent);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
