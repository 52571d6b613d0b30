package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a plain blocking peer. */
@Timeout(300)
class BridgeSocketTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int MUCH = 20_000_000;

    private final AsyncCore core = AsyncCore.create();
    private final BridgeSocketFactory factory = new BridgeSocketFactory(core);
    private ServerSocket server;
    private Socket socket;
    private Socket peer;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 50, LOOPBACK);
        socket = factory.createSocket(LOOPBACK, server.getLocalPort());
        peer = server.accept();
        peer.setSoTimeout(60_000);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        peer.close();
        server.close();
        core.close();
    }

    private static <T> FutureTask<T> background(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "other");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static Throwable failureOf(FutureTask<?> task) {
        ExecutionException thrown =
                Assertions.catchThrowableOfType(ExecutionException.class, () -> task.get(60, TimeUnit.SECONDS));
        return requireNonNull(thrown.getCause());
    }

    private static void awaitWaiting(String threadName) throws InterruptedException {
        while (Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals(threadName)
                        && (thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING))) {
            Thread.sleep(5);
        }
    }

    @Test
    void bytesGoBothWaysAndEachSideEnds() throws Exception {
        send(socket, "question");
        assertThat(new String(peer.getInputStream().readNBytes(8), ISO_8859_1)).isEqualTo("question");
        socket.shutdownOutput();
        assertThat(socket.isOutputShutdown()).isTrue();
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
        assertThatThrownBy(socket::getOutputStream).isInstanceOf(SocketException.class);
        send(peer, "answer");
        peer.shutdownOutput();
        assertThat(readAll(socket)).isEqualTo("answer");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        assertThat(socket.isClosed()).isFalse();
    }

    @Test
    void factoriesMadeByTheNameOfTheirClassShareACore() throws Exception {
        try (AsyncCore shared = AsyncCore.shared()) {
            long before = shared.stats().connected();
            for (int i = 0; i < 2; i++) {
                SocketFactory made = BridgeSocketFactory.class.getConstructor().newInstance();
                try (Socket ours = made.createSocket(LOOPBACK, server.getLocalPort());
                        Socket theirs = server.accept()) {
                    send(ours, "question");
                    assertThat(new String(theirs.getInputStream().readNBytes(8), ISO_8859_1))
                            .isEqualTo("question");
                }
            }
            assertThat(shared.stats().connected()).isEqualTo(before + 2);
        }
    }

    @Test
    void itSaysWhereItIs() throws Exception {
        assertThat(socket.getRemoteSocketAddress()).isEqualTo(server.getLocalSocketAddress());
        assertThat(socket.getPort()).isEqualTo(server.getLocalPort());
        assertThat(socket.getInetAddress()).isEqualTo(LOOPBACK);
        assertThat(socket.getLocalPort()).isEqualTo(peer.getPort());
        assertThat(socket.getLocalAddress()).isEqualTo(LOOPBACK);
        assertThat(socket.isConnected()).isTrue();
        assertThat(socket.isBound()).isTrue();
        assertThat(socket.getTcpNoDelay()).isTrue();
        socket.setKeepAlive(true);
        assertThat(socket.getKeepAlive()).isTrue();
        assertThatThrownBy(() -> socket.connect(server.getLocalSocketAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessage("already connected");
        try (Socket unconnected = factory.createSocket()) {
            assertThat(unconnected.isConnected()).isFalse();
            assertThatThrownBy(unconnected::getInputStream).hasMessage("not connected");
            unconnected.setSendBufferSize(20_000);
            unconnected.bind(new InetSocketAddress("127.0.0.9", 0));
            unconnected.connect(server.getLocalSocketAddress(), 60_000);
            assertThat(unconnected.getLocalAddress().getHostAddress()).isEqualTo("127.0.0.9");
        }
    }

    @Test
    void aReadTimesOutAndTheNextOneSucceeds() throws Exception {
        socket.setSoTimeout(50);
        assertThat(socket.getSoTimeout()).isEqualTo(50);
        InputStream in = socket.getInputStream();
        assertThatThrownBy(in::read)
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("nothing read for 50ms");
        socket.setSoTimeout(0);
        send(peer, "x");
        assertThat(in.read()).isEqualTo('x');
    }

    @Test
    void whatHasArrivedIsAvailable() throws Exception {
        InputStream in = socket.getInputStream();
        assertThat(in.available()).isZero();
        send(peer, "abc");
        while (in.available() < 3) {
            Thread.onSpinWait();
        }
        assertThat(in.readNBytes(2)).hasSize(2);
        assertThat(in.available()).isEqualTo(1);
        socket.close();
        assertThatThrownBy(in::available).hasMessage("socket closed");
    }

    @Test
    void closingEndsAReadThatWaitsAtOnce() throws Exception {
        FutureTask<Integer> read = background(() -> socket.getInputStream().read());
        awaitWaiting("other");
        socket.close();
        assertThat(failureOf(read)).isInstanceOf(SocketException.class).hasMessage("socket closed");
        assertThat(socket.isClosed()).isTrue();
        assertThat(readAll(peer)).isEmpty();
    }

    @Test
    void closingEndsAWriteThatWaitsAtOnce() throws Exception {
        FutureTask<Void> write = background(() -> {
            socket.getOutputStream().write(new byte[MUCH]);
            return null;
        });
        awaitWaiting("other");
        socket.close();
        assertThat(failureOf(write)).isInstanceOf(SocketException.class).hasMessage("socket closed");
    }

    @Test
    void closingAStreamClosesTheSocket() throws Exception {
        socket.getInputStream().close();
        assertThat(socket.isClosed()).isTrue();
        assertThatThrownBy(() -> send(socket, "x")).hasMessage("socket closed");
        assertThat(readAll(peer)).isEmpty();
    }

    @Test
    void whatWasWrittenIsSentBeforeTheEnd() throws Exception {
        socket.getOutputStream().write(new byte[50_000]);
        socket.close();
        assertThat(readAll(peer)).hasSize(50_000);
    }

    @Test
    void lingerOfZeroClosesWithAReset() throws Exception {
        socket.setSoLinger(true, 0);
        assertThat(socket.getSoLinger()).isZero();
        socket.close();
        assertThatThrownBy(() -> readAll(peer)).hasMessageContaining("reset");
    }

    @Test
    void aResetFailsReads() throws Exception {
        peer.setSoLinger(true, 0);
        peer.close();
        assertThatThrownBy(() -> readAll(socket))
                .isInstanceOf(SocketException.class)
                .hasMessage("connection reset by peer");
    }

    @Test
    void aFailedReadCanBeFollowedByAnotherAtTheClose() throws Exception {
        peer.setSoLinger(true, 0);
        peer.close();
        assertThatThrownBy(() -> ReadingAtClose.readAndClose(socket.getInputStream()))
                .isInstanceOf(SocketException.class)
                .hasSuppressedException(new SocketException("connection reset by peer"));
    }

    /** As a stream does that has a buffer. */
    @Test
    void aFailedWriteCanBeFollowedByAnotherAtTheClose() throws Exception {
        peer.setSoLinger(true, 0);
        peer.close();
        assertThatThrownBy(() -> readAll(socket)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> {
                    try (OutputStream closing = new BufferedOutputStream(socket.getOutputStream())) {
                        while (true) {
                            closing.write(new byte[100]);
                        }
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void inputThatIsShutDownHasEnded() throws Exception {
        FutureTask<Integer> read = background(() -> socket.getInputStream().read());
        awaitWaiting("other");
        socket.shutdownInput();
        assertThat(read.get(60, TimeUnit.SECONDS)).isEqualTo(-1);
        assertThat(socket.isInputShutdown()).isTrue();
        send(socket, "still here");
        socket.shutdownOutput();
        assertThat(readAll(peer)).isEqualTo("still here");
    }

    @Test
    void muchGoesThroughBothWays() throws Exception {
        byte[] much = new byte[MUCH];
        new Random(11).nextBytes(much);
        FutureTask<Long> echo = background(() -> peer.getInputStream().transferTo(peer.getOutputStream()));
        FutureTask<Void> write = background(() -> {
            socket.getOutputStream().write(much);
            socket.shutdownOutput();
            return null;
        });
        assertThat(socket.getInputStream().readNBytes(MUCH)).isEqualTo(much);
        write.get();
        assertThat(echo.get()).isEqualTo(MUCH);
    }

    @Test
    void whatIsNotReadHoldsThePeerBack() throws Exception {
        FutureTask<Void> sent = background(() -> {
            peer.getOutputStream().write(new byte[MUCH]);
            peer.shutdownOutput();
            return null;
        });
        long before = -1;
        while (core.stats().bytesRead() != before || before == 0) {
            before = core.stats().bytesRead();
            Thread.sleep(100);
        }
        assertThat(before).isLessThan(1_000_000);
        assertThat(sent).isNotDone();
        assertThat(socket.getInputStream().readAllBytes()).hasSize(MUCH);
        sent.get();
    }

    @Test
    void aWriteTimesOutWhenThePeerDoesNotRead() throws Exception {
        AsyncSocket below = core.connect(ConnectOptions.to("127.0.0.1", server.getLocalPort()))
                .get();
        SocketOutput output = SocketOutput.over(below);
        output.timeout(Duration.ofMillis(100));
        assertThatThrownBy(() -> output.write(new byte[MUCH]))
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("nothing written for 100ms");
        below.abort();
    }

    @Test
    void connectingFailsAsUsual() throws Exception {
        int port = server.getLocalPort();
        server.close();
        try (Socket refused = factory.createSocket()) {
            assertThatThrownBy(() -> refused.connect(new InetSocketAddress(LOOPBACK, port)))
                    .isExactlyInstanceOf(ConnectException.class);
        }
        try (Socket unknown = factory.createSocket()) {
            assertThatThrownBy(() -> unknown.connect(InetSocketAddress.createUnresolved("[no.address]", 80)))
                    .isInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void closingEndsAConnectThatWaits() throws Exception {
        AsyncCore silent = AsyncCore.builder()
                .nameResolver(host -> new CompletableFuture<>())
                .build();
        try (silent) {
            Socket connecting = new BridgeSocketFactory(silent).createSocket();
            FutureTask<Void> connect = background(() -> {
                connecting.connect(InetSocketAddress.createUnresolved("slow.invalid", 80));
                return null;
            });
            awaitWaiting("other");
            connecting.close();
            assertThat(failureOf(connect)).isInstanceOf(SocketException.class).hasMessage("socket closed");
        }
    }
}
