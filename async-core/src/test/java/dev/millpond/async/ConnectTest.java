package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("AddressSelection") // of literals
class ConnectTest extends AsyncCoreTestBase {

    /** Where nobody listens: taken, on all addresses, so that nobody else can either. */
    private int refusingPort() throws IOException {
        Socket bound = closing(new Socket());
        bound.bind(new InetSocketAddress(0));
        return bound.getLocalPort();
    }

    /** A listener that never accepts and whose queue is full: a further SYN gets no answer. */
    private InetSocketAddress silentListener(String address) throws Exception {
        ServerSocket server = closing(new ServerSocket());
        server.bind(new InetSocketAddress(address, 0), 1);
        InetSocketAddress target = (InetSocketAddress) server.getLocalSocketAddress();
        for (int i = 0; i < 64; i++) {
            Socket filler = closing(new Socket());
            try {
                filler.connect(target, 200);
            } catch (SocketTimeoutException full) {
                return target;
            }
        }
        throw new IllegalStateException("the queue does not get full");
    }

    private AsyncCore resolvingTo(String transport, String... addresses) throws Exception {
        List<InetAddress> parsed = new ArrayList<>();
        for (String address : addresses) {
            parsed.add(InetAddress.getByName(address));
        }
        return core(builder(transport).nameResolver(host -> CompletableFuture.completedFuture(parsed)));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClosedPortRefuses(String transport) throws Exception {
        int port = refusingPort();
        assertThat(failureOf(core(transport).connect(ConnectOptions.to("127.0.0.1", port))))
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessage("connection refused: 127.0.0.1:" + port);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anAddressWithoutARouteIsNotWaitedFor(String transport) throws Exception {
        // TCP has no multicast, so the system knows no route there.
        assertThat(failureOf(core(transport).connect(ConnectOptions.to("224.0.0.1", 80))))
                .isExactlyInstanceOf(NoRouteToHostException.class)
                .hasMessage("no route to host: 224.0.0.1:80");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aNameWhoseFirstAddressIsDeadLeadsToTheSecond(String transport) throws Exception {
        ServerSocket server = peer();
        ScriptedNameServer names =
                closing(new ScriptedNameServer()).answer("dead.invalid", "127.0.0.2", "224.0.0.1", "127.0.0.1");
        AsyncCore core = core(builder(transport).nameServers(List.of(names.address())));
        AsyncSocket socket = get(core.connect(ConnectOptions.to("dead.invalid", server.getLocalPort())));
        assertThat(((InetSocketAddress) socket.remoteAddress()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.1");
        eventually(() -> assertThat(core.stats().timers()).isZero());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whenAllAddressesRefuseEachIsReported(String transport) throws Exception {
        int port = refusingPort();
        Throwable failure = failureOf(resolvingTo(transport, "127.0.0.1", "127.0.0.2", "127.0.0.3")
                .connect(ConnectOptions.to("many.invalid", port)));
        assertThat(failure)
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessageMatching("connection refused: many.invalid/.*:" + port);
        assertThat(failure.getSuppressed()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void connectsToIpv6InBrackets(String transport) throws Exception {
        ServerSocket server = closing(new ServerSocket());
        try {
            server.bind(new InetSocketAddress(InetAddress.getByName("::1"), 0));
        } catch (SocketException noIpv6) {
            Assumptions.abort("no IPv6 here: " + noIpv6);
        }
        AsyncSocket socket = get(core(transport).connect(ConnectOptions.to("[::1]", server.getLocalPort())));
        assertThat(((InetSocketAddress) socket.remoteAddress()).getPort()).isEqualTo(server.getLocalPort());
        accept(server);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bindsToTheLocalAddress(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncSocket socket =
                get(core(transport).connect(to(server).localAddress(new InetSocketAddress("127.0.0.7", 0))));
        assertThat(accept(server).getInetAddress().getHostAddress()).isEqualTo("127.0.0.7");
        assertThat(((InetSocketAddress) socket.localAddress()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.7");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void triesTheAddressesGivenInTheirOrderAndLooksNothingUp(String transport) throws Exception {
        ServerSocket server = peer();
        int port = server.getLocalPort();
        AsyncCore core = core(builder(transport)
                .nameResolver(host -> CompletableFuture.failedFuture(new AssertionError("asked for " + host))));
        AsyncSocket socket = get(core.connect(ConnectOptions.to("name.invalid", 1)
                .addresses(List.of(
                        InetSocketAddress.createUnresolved("other.invalid", port),
                        new InetSocketAddress("127.0.0.1", refusingPort()),
                        new InetSocketAddress("127.0.0.1", port),
                        new InetSocketAddress("127.0.0.2", port)))));
        assertThat(accept(server).getPort()).isEqualTo(((InetSocketAddress) socket.localAddress()).getPort());
        assertThat(socket.remoteAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", port));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anAddressThatIsNotResolvedIsNoAddress(String transport) throws Exception {
        assertThat(failureOf(core(transport)
                        .connect(ConnectOptions.to("name.invalid", 1)
                                .addresses(List.of(InetSocketAddress.createUnresolved("other.invalid", 1))))))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("other.invalid: not resolved");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void socketOptionsAreSet(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncSocket socket = get(core(transport)
                .connect(to(server)
                        .socketOption(StandardSocketOptions.SO_KEEPALIVE, true)
                        .socketOption(StandardSocketOptions.SO_SNDBUF, 20_000)
                        .socketOption(ExtendedSocketOptions.TCP_KEEPIDLE, 77)));
        accept(server);
        int port = ((InetSocketAddress) socket.localAddress()).getPort();
        // A connection with keep-alive has its timer (02) set, to the idle time.
        eventually(() -> assertThat(tcpConnections())
                .anyMatch(line -> line.contains(":%04X ".formatted(port)) && line.contains(" 02:")));
    }

    /** As the system lists them, which may leave one out while others come and go. */
    private static List<String> tcpConnections() {
        List<String> lines = new ArrayList<>();
        for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
            try {
                lines.addAll(Files.readAllLines(table));
            } catch (NoSuchFileException noIpv6) {
                // All of them are in the other one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return lines;
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anUnknownSocketOptionIsRefused(String transport) throws Exception {
        ConnectOptions options = to(peer()).socketOption(StandardSocketOptions.IP_MULTICAST_TTL, 1);
        assertThat(failureOf(core(transport).connect(options)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("socket option: IP_MULTICAST_TTL is not supported");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatTheSystemDoesNotTakeIsRefused(String transport) throws Exception {
        ServerSocket server = peer();
        ConnectOptions options = to(server).socketOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1_000_000);
        assertThat(failureOf(core(transport).connect(options)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot connect: 127.0.0.1:" + server.getLocalPort())
                .hasMessageContaining("invalid argument");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSilentHostTimesOut(String transport) throws Exception {
        InetSocketAddress silent = silentListener("127.0.0.1");
        Throwable failure = failureOf(core(transport)
                .connect(ConnectOptions.to("127.0.0.1", silent.getPort()).connectTimeout(Duration.ofMillis(300))));
        assertThat(failure)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("connect timed out after 300ms: 127.0.0.1:%d: no answer from 127.0.0.1:%d"
                        .formatted(silent.getPort(), silent.getPort()));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theTimeoutCoversTheLookUp(String transport) throws Exception {
        AsyncCore core = core(builder(transport).nameResolver(host -> new CompletableFuture<>()));
        assertThat(failureOf(
                        core.connect(ConnectOptions.to("slow.invalid", 80).connectTimeout(Duration.ofMillis(100)))))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("connect timed out after 100ms: slow.invalid:80: no answer to the look-up");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSilentFirstAddressIsOvertaken(String transport) throws Exception {
        InetSocketAddress silent = silentListener("127.0.0.2");
        ServerSocket server = closing(new ServerSocket());
        server.bind(new InetSocketAddress("127.0.0.3", silent.getPort()));

        AsyncSocket socket = get(resolvingTo(transport, "127.0.0.2", "127.0.0.3")
                .connect(ConnectOptions.to("two.invalid", silent.getPort())));

        assertThat(((InetSocketAddress) socket.remoteAddress()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.3");
        accept(server);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aRefusingFirstAddressIsOvertakenAtOnce(String transport) throws Exception {
        ServerSocket server = peer();
        // So many that there is no time to wait for each.
        List<String> addresses = new ArrayList<>();
        for (int i = 2; i < 250; i++) {
            addresses.add("127.0.0." + i);
        }
        addresses.add("127.0.0.1");
        AsyncSocket socket = get(resolvingTo(transport, addresses.toArray(String[]::new))
                .connect(ConnectOptions.to("many.invalid", server.getLocalPort())
                        .connectTimeout(Duration.ofSeconds(30))));
        assertThat(((InetSocketAddress) socket.remoteAddress()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void cancellingDuringTheLookUpStartsNoAttempt(String transport) throws Exception {
        ServerSocket server = peer();
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        AsyncCore core = core(builder(transport).eventLoopThreads(1).nameResolver(host -> answer));
        CompletableFuture<AsyncSocket> connect = core.connect(ConnectOptions.to("late.invalid", server.getLocalPort()));
        assertThat(connect.cancel(false)).isTrue();
        answer.complete(List.of(LOOPBACK));
        runLoop(core);
        assertThat(core.stats().connected()).isZero();
        server.setSoTimeout(100);
        assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void cancellingDuringAnAttemptEndsIt(String transport) throws Exception {
        InetSocketAddress silent = silentListener("127.0.0.1");
        AsyncCore core = core(transport);
        CompletableFuture<AsyncSocket> connect = core.connect(ConnectOptions.to("127.0.0.1", silent.getPort()));
        runLoop(core);
        assertThat(connect.cancel(true)).isTrue();
        assertThatThrownBy(() -> get(connect)).isInstanceOf(CancellationException.class);
        assertThat(core.stats().open()).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aCancelledConnectClosesTheSocketWheneverItComes(String transport) throws Exception {
        AsyncCore core = core(transport);
        ServerSocket server = peer();
        for (int i = 0; i < 300; i++) {
            CompletableFuture<AsyncSocket> connect = core.connect(to(server));
            long until = System.nanoTime() + (i % 100) * 5_000L;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            if (!connect.cancel(false)) {
                get(connect).abort();
                get(get(connect).closed());
            }
        }
        eventually(() -> assertThat(core.stats().open()).isZero());
        // Whatever had reached the peer has been closed; nothing waits there for bytes.
        server.setSoTimeout(100);
        try {
            while (true) {
                assertClosed(accept(server));
            }
        } catch (SocketTimeoutException noMore) {
            // all were closed
        }
    }

    private static void assertClosed(Socket peer) throws IOException {
        try {
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        } catch (SocketTimeoutException open) {
            throw new AssertionError("not closed: " + peer, open);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    /** Until the loops have done what they were told. */
    private static void runLoop(AsyncCore core) throws Exception {
        for (int i = 0; i < 4; i++) {
            CompletableFuture<Void> ran = new CompletableFuture<>();
            core.delay(Duration.ofMillis(1), () -> ran.complete(null));
            get(ran);
        }
    }
}
