package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files on their way to sockets: as they are, encrypted, cut short, and to peers that don't read. */
class WriteFileTest extends AsyncCoreTestBase {

    private static final int SIZE = 30_000_000;
    private static final int OFFSET = 12_345;
    private static final Certificates CERTIFICATES = new Certificates();

    @TempDir
    private Path directory;

    private final byte[] content = new byte[SIZE];
    private FileChannel file;

    static List<List<String>> ways() {
        return List.of(
                List.of("epoll", "plain"), List.of("nio", "plain"), List.of("epoll", "tls"), List.of("nio", "tls"));
    }

    @BeforeEach
    void fill() throws Exception {
        new Random(7).nextBytes(content);
        Path path = Files.write(directory.resolve("content"), content);
        file = closing(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** A socket, and its peer: as it is read, and as it is on the network. */
    private record Link(AsyncCore core, AsyncSocket socket, Recorder recorder, Socket peer, Socket below) {}

    private Link connected(List<String> way) throws Exception {
        AsyncCore core = core(way.get(0));
        return secured(core, connected(core), way);
    }

    private static Link secured(AsyncCore core, Pair pair, List<String> way) throws Exception {
        if (way.get(1).equals("plain")) {
            return new Link(core, pair.socket(), pair.recorder(), pair.peer(), pair.peer());
        }
        SSLSocket peer = Certificates.accepted(CERTIFICATES.server("good.invalid"), pair.peer());
        FutureTask<Void> handshake = new FutureTask<>(() -> {
            peer.startHandshake();
            return null;
        });
        new Thread(handshake, "peer").start();
        get(pair.socket().startTls(TlsOptions.client(CERTIFICATES.client(), "good.invalid", 443)));
        handshake.get();
        return new Link(core, pair.socket(), pair.recorder(), peer, pair.peer());
    }

    private static void drain(Socket peer) throws IOException {
        peer.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private byte[] part(int from, int to) {
        return Arrays.copyOfRange(content, from, to);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aPartComesBetweenWhatWasWrittenBeforeAndAfter(List<String> way) throws Exception {
        Link pair = connected(way);
        pair.socket().write(bytes("before"));
        CompletableFuture<Void> written = pair.socket().write(file, OFFSET, SIZE - OFFSET);
        CompletableFuture<Void> empty = pair.socket().write(file, SIZE, 0);
        CompletableFuture<Void> again = pair.socket().write(file, 0, 3);
        CompletableFuture<Void> ended = pair.socket().write(bytes("after"));
        pair.socket().shutdownOutput();
        assertThat(read(pair.peer(), 6)).isEqualTo("before");
        assertThat(pair.peer().getInputStream().readNBytes(SIZE - OFFSET)).isEqualTo(part(OFFSET, SIZE));
        assertThat(pair.peer().getInputStream().readNBytes(3)).isEqualTo(part(0, 3));
        assertThat(readAll(pair.peer())).isEqualTo("after");
        get(CompletableFuture.allOf(written, empty, again, ended));
        assertThat(file.isOpen()).isTrue();
        assertThat(file.position()).isZero();
        eventually(() -> assertThat(pair.socket().writable()).isTrue());
        assertThat(pair.socket().allSent()).isTrue();
        assertThat(pair.core().stats().pendingWrites()).isZero();
        assertThat(pair.core().stats().pendingWriteBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void overUnixDomainSockets(String transport) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("a.sock"));
        ServerSocketChannel server =
                closing(ServerSocketChannel.open(StandardProtocolFamily.UNIX)).bind(address);
        AsyncSocket socket = get(core(transport).connect(ConnectOptions.to(address)));
        SocketChannel peer = closing(server.accept());
        CompletableFuture<Void> written = socket.write(file, OFFSET, SIZE - OFFSET);
        assertThat(Channels.newInputStream(peer).readNBytes(SIZE - OFFSET)).isEqualTo(part(OFFSET, SIZE));
        get(written);
    }

    /** Of the descriptor of another kind of channel nothing is known. */
    @ParameterizedTest
    @MethodSource("transports")
    void ofAnotherFileSystem(String transport) throws Exception {
        URI uri = URI.create("jar:" + directory.resolve("a.zip").toUri());
        FileSystem zip = closing(FileSystems.newFileSystem(uri, Map.of("create", "true")));
        Path path = Files.write(zip.getPath("/a"), content);
        FileChannel zipped = closing(FileChannel.open(path));
        Pair pair = connected(core(transport));
        CompletableFuture<Void> written = pair.socket().write(zipped, OFFSET, SIZE - OFFSET);
        assertThat(pair.peer().getInputStream().readNBytes(SIZE - OFFSET)).isEqualTo(part(OFFSET, SIZE));
        get(written);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void moreThanTwoGibibytes(String transport) throws Exception {
        long start = 3L << 30;
        long count = (2L << 30) + 5;
        file.write(bytes("hello"), start + count - 5);
        Pair pair = connected(core(transport));
        CompletableFuture<Void> written = pair.socket().write(file, start, count);
        pair.peer().getInputStream().skipNBytes(count - 5);
        assertThat(read(pair.peer(), 5)).isEqualTo("hello");
        get(written);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSlowReaderHoldsItBack(List<String> way) throws Exception {
        Link pair = connected(way);
        long before = pair.socket().sendProgress();
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        assertThat(pair.socket().writable()).isFalse();
        eventually(() -> assertThat(pair.socket().sendProgress()).isGreaterThan(before));
        awaitStandstill(pair.socket());
        assertThat(written).isNotDone();
        long full = pair.socket().sendProgress();
        InputStream in = pair.peer().getInputStream();
        assertThat(in.readNBytes(SIZE / 2)).isEqualTo(part(0, SIZE / 2));
        eventually(() -> assertThat(pair.socket().sendProgress()).isGreaterThan(full));
        assertThat(in.readNBytes(SIZE / 2)).isEqualTo(part(SIZE / 2, SIZE));
        get(written);
        assertThat(pair.core().stats().pendingWriteBytes()).isZero();
    }

    /** Until the system takes no more. */
    private static void awaitStandstill(AsyncSocket socket) throws InterruptedException {
        for (long last = -1, now = socket.sendProgress(); now != last; now = socket.sendProgress()) {
            last = now;
            Thread.sleep(300);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatThePeerDropsFailsAndLeavesTheFileOpen(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        pair.peer().getInputStream().readNBytes(100_000);
        CompletableFuture<Void> next = pair.socket().write(bytes("next"));
        reset(pair.below());
        assertThat(failureOf(written)).isInstanceOf(IOException.class).isNotInstanceOf(FileReadException.class);
        assertThat(failureOf(next)).isInstanceOf(IOException.class);
        assertThat(file.size()).isEqualTo(SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileShorterThanAnnouncedFailsTheSocket(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, OFFSET, SIZE);
        CompletableFuture<Void> next = pair.socket().write(bytes("next"));
        String message = "file too short: expected 30000000 bytes from position 12345 on, got 29987655";
        assertThatThrownBy(() -> drain(pair.peer())).isInstanceOf(IOException.class);
        assertThat(failureOf(written))
                .isExactlyInstanceOf(FileReadException.class)
                .hasMessage(message);
        assertThat(pair.recorder().awaitFailure()).hasMessage(message);
        assertThat(failureOf(next)).isInstanceOf(IOException.class);
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileThatIsCutInBetweenFailsTheSocket(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        awaitStandstill(pair.socket());
        file.truncate(SIZE - 1);
        assertThatThrownBy(() -> drain(pair.peer())).isInstanceOf(IOException.class);
        assertThat(failureOf(written))
                .isExactlyInstanceOf(FileReadException.class)
                .hasMessage("file too short: expected 30000000 bytes from position 0 on, got 29999999");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileThatCannotBeReadFailsTheSocket(List<String> way) throws Exception {
        FileChannel writeOnly = closing(FileChannel.open(directory.resolve("content"), StandardOpenOption.WRITE));
        assertThat(failureOf(connected(way).socket().write(writeOnly, 0, 5)))
                .isExactlyInstanceOf(FileReadException.class)
                .hasMessage("cannot read file: java.nio.channels.NonReadableChannelException");
        file.close();
        Link pair = connected(way);
        assertThat(failureOf(pair.socket().write(file, 0, 5)))
                .isExactlyInstanceOf(FileReadException.class)
                .hasMessage("cannot read file: java.nio.channels.ClosedChannelException");
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCancelledWriteResetsTheConnection(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        pair.peer().getInputStream().readNBytes(100_000);
        written.cancel(true);
        assertThat(pair.recorder().awaitFailure()).hasMessage("write cancelled");
        get(pair.socket().closed());
        assertThatThrownBy(() -> drain(pair.peer())).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void abortEndsItAndWhatFollows(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        CompletableFuture<Void> next = pair.socket().write(bytes("next"));
        pair.peer().getInputStream().readNBytes(100_000);
        pair.socket().abort();
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        assertThat(failureOf(next)).isInstanceOf(SocketException.class);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void closeSendsItToItsEnd(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        pair.socket().close();
        assertThat(pair.peer().getInputStream().readAllBytes()).isEqualTo(content);
        get(written);
        pair.peer().close();
        pair.below().close();
        get(pair.socket().closed());
    }

    /** Whose end the peer never sees, as it doesn't read. */
    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void closeGivesAPeerThatDoesNotReadAFewSeconds(String transport) throws Exception {
        AsyncCore core = core(transport);
        Pair pair = connected(core);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        pair.socket().close();
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        get(pair.socket().closed());
        assertThat(core.stats().timers()).isZero();
        assertThat(core.stats().pendingWriteBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void closingTheCoreEndsIt(List<String> way) throws Exception {
        Link pair = connected(way);
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        CompletableFuture<Void> next = pair.socket().write(bytes("next"));
        pair.core().close();
        assertThat(failureOf(written)).isInstanceOf(SocketException.class);
        assertThat(failureOf(next)).isInstanceOf(SocketException.class);
    }

    @ParameterizedTest
    @MethodSource("ways")
    @Execution(CONCURRENT)
    void onlyAPeerThatStopsReadingTimesItOut(List<String> way) throws Exception {
        AsyncCore core = core(way.get(0));
        Link pair = secured(core, narrow(core), way);
        pair.socket().timeouts(Duration.ZERO, Duration.ofSeconds(5));
        CompletableFuture<Void> written = pair.socket().write(file, 0, SIZE);
        InputStream in = pair.peer().getInputStream();
        for (int i = 0; i < 8; i++) {
            pause(pair.socket(), Duration.ofMillis(700));
            in.readNBytes(SIZE / 20);
        }
        assertThat(written).isNotDone();
        assertThat(failureOf(written)).isInstanceOf(IOException.class);
        assertThat(pair.recorder().awaitFailure())
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("nothing written for 5s");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatMakesNoSenseIsRefused(String transport) throws Exception {
        Pair pair = connected(core(transport));
        for (long[] part : new long[][] {{-1, 1}, {0, -1}, {Long.MAX_VALUE, 1}}) {
            assertThatThrownBy(() -> pair.socket().write(file, part[0], part[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("position and count: expected a part of a file, got " + part[0] + " and " + part[1]);
        }
        get(pair.socket().shutdownOutput());
        assertThat(failureOf(pair.socket().write(file, 0, 1))).hasMessage("output shut down");
        pair.socket().abort();
        assertThat(failureOf(pair.socket().write(file, 0, 1))).hasMessage("socket closed");
    }
}
