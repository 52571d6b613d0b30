package dev.millpond.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.ConnectOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TcpProxyTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int MUCH = 64 << 20;

    /** The high-water mark, and the largest piece a socket reads at once, both ways. */
    private static final int MOST_PENDING = 2 * (64 << 10) + 2 * (256 << 10);

    private final AsyncCore core = AsyncCore.builder().eventLoopThreads(2).build();
    private ServerSocket target;
    private int port;

    @BeforeEach
    void start() throws IOException {
        target = new ServerSocket();
        target.setSoTimeout(ExampleProcess.PATIENCE_MILLIS);
        target.bind(new InetSocketAddress(LOOPBACK, 0));
        port = proxyTo(target.getLocalPort());
    }

    private int proxyTo(int targetPort) {
        return new TcpProxy(core, ConnectOptions.to("127.0.0.1", targetPort))
                .listen(0)
                .join()
                .port();
    }

    @AfterEach
    void stop() throws IOException {
        core.close();
        target.close();
    }

    private static Socket patient(Socket socket) throws IOException {
        socket.setSoTimeout(ExampleProcess.PATIENCE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String receive(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    private void awaitNoConnection() throws InterruptedException {
        while (core.stats().open() > 0) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Test
    void bytesAndEndsGoBothWays() throws Exception {
        try (Socket client = patient(new Socket(LOOPBACK, port));
                Socket server = patient(target.accept())) {
            send(client, "question");
            client.shutdownOutput();
            assertThat(receive(server, 100)).isEqualTo("question");
            send(server, "answer, after the end of the question");
            server.shutdownOutput();
            assertThat(receive(client, 100)).isEqualTo("answer, after the end of the question");
            awaitNoConnection();
        }
        try (Socket client = patient(new Socket(LOOPBACK, port));
                Socket server = patient(target.accept())) {
            send(server, "banner");
            server.shutdownOutput();
            assertThat(receive(client, 100)).isEqualTo("banner");
            send(client, "late");
            client.shutdownOutput();
            assertThat(receive(server, 100)).isEqualTo("late");
            awaitNoConnection();
        }
    }

    @Test
    void aResetIsPassedOn() throws Exception {
        try (Socket client = patient(new Socket(LOOPBACK, port))) {
            Socket server = patient(target.accept());
            send(server, "half");
            assertThat(receive(client, 4)).isEqualTo("half");
            reset(server);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            awaitNoConnection();
        }
        Socket client = patient(new Socket(LOOPBACK, port));
        try (Socket server = patient(target.accept())) {
            send(client, "half");
            assertThat(receive(server, 4)).isEqualTo("half");
            reset(client);
            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
            awaitNoConnection();
        }
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Test
    void aTargetThatRefusesResetsTheClient() throws Exception {
        try (Socket deaf = new Socket()) {
            // Bound, so that nobody else gets the port, and not listening.
            deaf.bind(new InetSocketAddress(LOOPBACK, 0));
            Socket client = patient(new Socket(LOOPBACK, proxyTo(deaf.getLocalPort())));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            awaitNoConnection();
        }
    }

    @Test
    void nobodyIsSentMoreThanTheyRead() throws Exception {
        byte[] there = random(1);
        byte[] back = random(2);
        try (Socket client = patient(new Socket(LOOPBACK, port));
                Socket server = patient(target.accept())) {
            CompletableFuture<Void> sendingThere = sending(client, there);
            CompletableFuture<Void> sendingBack = sending(server, back);
            awaitStandstill();
            assertThat(sendingThere).isNotDone();
            assertThat(sendingBack).isNotDone();
            assertThat(core.stats().pendingWriteBytes()).isLessThanOrEqualTo(MOST_PENDING);
            CompletableFuture<byte[]> receivingThere = CompletableFuture.supplyAsync(() -> receiving(server));
            assertThat(receiving(client)).isEqualTo(back);
            assertThat(receivingThere.join()).isEqualTo(there);
            sendingThere.join();
            sendingBack.join();
            awaitNoConnection();
        }
    }

    private static byte[] random(int seed) {
        byte[] bytes = new byte[MUCH];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static CompletableFuture<Void> sending(Socket socket, byte[] bytes) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        Thread writer = new Thread(() -> {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                socket.shutdownOutput();
                sent.complete(null);
            } catch (IOException e) {
                sent.completeExceptionally(e);
            }
        });
        writer.setDaemon(true);
        writer.start();
        return sent;
    }

    /** Asserts on the way that little waits in the proxy, whoever is the slower. */
    private byte[] receiving(Socket socket) {
        byte[] received = new byte[MUCH + 1];
        int count = 0;
        try {
            InputStream in = socket.getInputStream();
            for (int read = 0; read >= 0; read = in.read(received, count, Math.min(100_000, MUCH + 1 - count))) {
                count += read;
                assertThat(core.stats().pendingWriteBytes()).isLessThanOrEqualTo(MOST_PENDING);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return Arrays.copyOf(received, count);
    }

    /** Until the proxy has read nothing for a while: if it reads on forever, that is told apart afterwards. */
    private void awaitStandstill() throws InterruptedException {
        long before = -1;
        long now = 0;
        while (now != before || now == 0) {
            before = now;
            TimeUnit.MILLISECONDS.sleep(200);
            now = core.stats().bytesRead();
        }
    }

    @Test
    void theProgramProxiesTheEchoServer() throws Exception {
        try (ExampleProcess echo = new ExampleProcess(EchoServer.class, "0");
                ExampleProcess proxy = new ExampleProcess(TcpProxy.class, "0", "localhost", echo.port());
                Socket socket = proxy.connect()) {
            send(socket, "there and back\nQUIT\n");
            assertThat(receive(socket, 100)).isEqualTo("there and back\nQUIT\n");
            assertThat(echo.exitCode()).isZero();
        }
    }
}
