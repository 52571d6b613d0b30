package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtendWith;

/** Both transports, scripted peers over plain blocking sockets, and everything closed at the end. */
@ExtendWith(LeakCheck.class)
abstract class AsyncCoreTestBase {

    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static final int PATIENCE_MILLIS = (int) TimeUnit.SECONDS.toMillis(Recorder.PATIENCE_SECONDS);
    private static final int NARROW = 256 * 1024;

    private final List<AutoCloseable> toClose = new ArrayList<>();

    static List<String> transports() {
        return List.of("epoll", "nio");
    }

    @AfterEach
    void closeEverything() throws Exception {
        for (int i = toClose.size() - 1; i >= 0; i--) {
            toClose.get(i).close();
        }
    }

    <T extends AutoCloseable> T closing(T resource) {
        toClose.add(resource);
        return resource;
    }

    AsyncCore core(String transport) {
        return core(builder(transport));
    }

    AsyncCore core(AsyncCoreBuilder builder) {
        return closing(builder.build());
    }

    static AsyncCoreBuilder builder(String transport) {
        return AsyncCore.builder().eventLoopThreads(2).nativeTransport(transport.equals("epoll"));
    }

    ServerSocket peer() throws IOException {
        return listening(new ServerSocket());
    }

    private ServerSocket listening(ServerSocket server) throws IOException {
        closing(server).setSoTimeout(PATIENCE_MILLIS);
        server.bind(new InetSocketAddress(LOOPBACK, 0));
        return server;
    }

    Socket accept(ServerSocket server) throws IOException {
        return patient(server.accept());
    }

    Socket patient(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        return closing(socket);
    }

    static ConnectOptions to(ServerSocket server) {
        return ConnectOptions.to("127.0.0.1", server.getLocalPort());
    }

    /** A socket of the core with a recorder, and the peer at its other end. */
    record Pair(AsyncSocket socket, Recorder recorder, Socket peer) {}

    Pair connected(AsyncCore core) throws Exception {
        return connected(core, new Recorder());
    }

    Pair connected(AsyncCore core, Recorder recorder) throws Exception {
        return connected(core, recorder, peer(), options -> options);
    }

    /** As {@link #connected}, but the system holds little of what is not read, whatever its buffers could grow to. */
    Pair narrow(AsyncCore core) throws Exception {
        ServerSocket server = new ServerSocket();
        server.setReceiveBufferSize(NARROW);
        return connected(
                core,
                new Recorder(),
                listening(server),
                options -> options.socketOption(StandardSocketOptions.SO_SNDBUF, NARROW));
    }

    private Pair connected(
            AsyncCore core, Recorder recorder, ServerSocket server, UnaryOperator<ConnectOptions> settings)
            throws Exception {
        AsyncSocket socket = get(core.connect(settings.apply(to(server))));
        socket.listener(recorder);
        return new Pair(socket, recorder, accept(server));
    }

    /** Sockets accepted by a listener of the core. */
    static final class Accepted extends LinkedBlockingQueue<AsyncSocket> {
        private static final long serialVersionUID = 1L;

        AsyncSocket next() throws InterruptedException {
            AsyncSocket socket = poll(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(socket).as("no connection arrived").isNotNull();
            return java.util.Objects.requireNonNull(socket);
        }
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static Throwable failureOf(CompletableFuture<?> future) {
        ExecutionException thrown = Assertions.catchThrowableOfType(ExecutionException.class, () -> get(future));
        assertThat(thrown).as("expected a failure").isNotNull();
        return java.util.Objects.requireNonNull(thrown.getCause());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(latin(text));
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static void send(Socket peer, String text) throws IOException {
        peer.getOutputStream().write(latin(text));
        peer.getOutputStream().flush();
    }

    static String read(Socket peer, int count) throws IOException {
        return new String(peer.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    static String readAll(Socket peer) throws IOException {
        return new String(peer.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Retries an assertion about what other threads are about to do. */
    static void eventually(Runnable assertion) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Recorder.PATIENCE_SECONDS);
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
    }

    /** Open ones of this process. */
    static long descriptors() {
        Path directory = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(directory));
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Until a loop has run what it was told before; with one loop, all of it. */
    static void turn(AsyncCore core) throws Exception {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        core.execute(() -> ran.complete(null));
        get(ran);
    }

    /** Time that passes; nothing can be told to come sooner here. */
    static void pause(AsyncSocket socket, Duration time) throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        socket.delay(time, () -> passed.complete(null));
        get(passed);
    }

    /** Closes with a reset. */
    static void reset(Socket peer) throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }
}
