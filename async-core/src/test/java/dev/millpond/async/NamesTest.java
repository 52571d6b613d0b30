package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("AddressSelection") // of literals
class NamesTest extends AsyncCoreTestBase {

    private AsyncCore core(String transport, ScriptedNameServer... servers) {
        return core(builder(transport)
                .nameServers(List.of(servers).stream()
                        .map(ScriptedNameServer::address)
                        .toList()));
    }

    private ScriptedNameServer nameServer() throws IOException {
        return closing(new ScriptedNameServer());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void addressesOfBothFamiliesAreFoundAndKept(String transport) throws Exception {
        ScriptedNameServer names = nameServer()
                .answer("both.invalid", "127.0.0.2", "127.0.0.3", "::1")
                .hold();
        AsyncCore core = core(builder(transport).eventLoopThreads(1).nameServers(List.of(names.address())));

        CompletableFuture<List<InetAddress>> found = core.resolve("both.invalid");
        eventually(() -> assertThat(names.held()).hasSizeGreaterThanOrEqualTo(2));
        // On the loop, which so finds both answers at once: the second is not waited for for long.
        core.execute(names::sendHeld);
        assertThat(get(found))
                .containsExactlyInAnyOrder(
                        InetAddress.getByName("127.0.0.2"),
                        InetAddress.getByName("127.0.0.3"),
                        InetAddress.getByName("::1"));
        List<String> asked = List.copyOf(names.queries());
        assertThat(asked).containsOnly("A both.invalid", "AAAA both.invalid");
        assertThat(get(core.resolve("BOTH.invalid"))).hasSize(3);
        assertThat(names.queries()).isEqualTo(asked);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void eachLookUpComesFromAPortOfItsOwn(String transport) throws Exception {
        ScriptedNameServer names = nameServer();
        AsyncCore core = core(transport, names);
        for (int i = 0; i < 10; i++) {
            String name = i + ".invalid";
            names.answer(name, "127.0.0.2", "::1");
            get(core.resolve(name));
        }
        // Not ten: the system may by chance choose a port again.
        eventually(() -> {
            assertThat(names.ports("A")).hasSizeGreaterThan(5);
            assertThat(names.ports("AAAA")).hasSizeGreaterThan(5);
        });
    }

    @ParameterizedTest
    @MethodSource("transports")
    void noSocketStaysOpenAfterALookUp(String transport) throws Exception {
        ScriptedNameServer names =
                nameServer().answer("one.invalid", "127.0.0.2", "::1").answer("two.invalid", "127.0.0.2", "::1");
        AsyncCore core = core(transport, names);
        for (String name : List.of("one.invalid", "two.invalid")) {
            get(core.resolve(name));
            eventually(() -> {
                assertThat(names.queries()).contains("A " + name, "AAAA " + name);
                assertThat(names.ports("A")).allMatch(NamesTest::isFree);
                assertThat(names.ports("AAAA")).allMatch(NamesTest::isFree);
            });
        }
    }

    private static boolean isFree(int port) {
        try (DatagramSocket bound = new DatagramSocket(port)) {
            return bound.isBound();
        } catch (SocketException inUse) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aNameThatDoesNotExistIsUnknown(String transport) throws Exception {
        AsyncCore core = core(transport, nameServer());
        assertThat(failureOf(core.resolve("nobody.invalid")))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("nobody.invalid: name not found");
        assertThat(failureOf(core.connect(ConnectOptions.to("nobody.invalid", 80))))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("nobody.invalid: name not found");
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void aSilentNameServerDoesNotHangALookUp(String transport) throws Exception {
        ScriptedNameServer names = nameServer().ignore("A mute.invalid").ignore("AAAA mute.invalid");
        AsyncCore core = core(transport, names);
        assertThat(failureOf(core.resolve("mute.invalid")))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("mute.invalid: no answer from the name servers");
        eventually(() -> assertThat(names.queries()).as("asked once more").hasSize(4));
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void theNextNameServerIsAskedWhenOneIsSilent(String transport) throws Exception {
        ScriptedNameServer mute = nameServer().ignore("A second.invalid").ignore("AAAA second.invalid");
        ScriptedNameServer names = nameServer().answer("second.invalid", "127.0.0.2");
        assertThat(get(core(transport, mute, names).resolve("second.invalid")))
                .containsExactly(InetAddress.getByName("127.0.0.2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAA", "A"})
    @Execution(CONCURRENT)
    void anOpenQuestionDoesNotHoldUpTheAnswerToTheOther(String ignored) throws Exception {
        ScriptedNameServer names =
                nameServer().answer("half.invalid", "127.0.0.2", "::1").ignore(ignored + " half.invalid");
        names.ignore("A mute.invalid").ignore("AAAA mute.invalid");
        AsyncCore core = core("nio", names);
        // Goes on until an open question has been given up.
        CompletableFuture<?> mute = core.resolve("mute.invalid");
        CompletableFuture<List<InetAddress>> half = core.resolve("half.invalid");
        CompletableFuture<Boolean> heldUp = half.thenApply(found -> mute.isDone());
        assertThat(get(half)).containsExactly(InetAddress.getByName(ignored.equals("AAAA") ? "127.0.0.2" : "::1"));
        assertThat(get(heldUp)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "localhost.", "app.localhost"})
    void localhostIsLoopbackWithoutAQuestion(String name) throws Exception {
        ScriptedNameServer names = nameServer();
        assertThat(get(core("nio", names).resolve(name))).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);
        assertThat(names.queries()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1", "[::1%1]"})
    void literalsResolveToThemselves(String literal) throws Exception {
        ScriptedNameServer names = nameServer();
        assertThat(get(core("nio", names).resolve(literal))).hasSize(1).allMatch(InetAddress::isLoopbackAddress);
        assertThat(names.queries()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[127.0.0.1]", "[]", "[name.invalid]", "a..invalid", " ", "-", "\u0000"})
    void whatIsNoNameIsUnknown(String host) throws Exception {
        assertThat(failureOf(core("nio", nameServer()).resolve(host)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageStartingWith(host + ": ");
    }

    @Test
    void aNameLongerThanDnsAllowsIsUnknown() throws Exception {
        String label = "a".repeat(64);
        assertThat(failureOf(core("nio", nameServer()).resolve(label + ".invalid")))
                .isInstanceOf(UnknownHostException.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aNameLeadsToAConnection(String transport) throws Exception {
        ServerSocket server = peer();
        AsyncCore core = core(transport, nameServer().answer("here.invalid", "127.0.0.1"));
        AsyncSocket socket = get(core.connect(ConnectOptions.to("here.invalid", server.getLocalPort())));
        assertThat(socket.isOpen()).isTrue();
        accept(server);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anAddressLeadsToItsName(String transport) throws Exception {
        ScriptedNameServer names = nameServer()
                .answerReverse("3.2.0.192.in-addr.arpa", "four.invalid")
                .answerReverse("f." + "0.".repeat(23) + "8.b.d.0.1.0.0.2.ip6.arpa", "six.invalid");
        AsyncCore core = core(transport, names);
        assertThat(get(core.resolveReverse(InetAddress.getByName("192.0.2.3")))).isEqualTo("four.invalid");
        CompletableFuture<String> six = core.resolveReverse(InetAddress.getByName("2001:db8::f"));
        CompletableFuture<Long> pending = six.thenApply(found -> core.stats().pendingLookUps());
        assertThat(get(six)).isEqualTo("six.invalid");
        assertThat(get(pending)).isZero();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anAddressInTheHostsFileIsNotAskedFor(String transport) throws Exception {
        ScriptedNameServer names = nameServer();
        String known;
        try (Stream<String> lines = Files.lines(Path.of("/etc/hosts"))) {
            known = lines.map(line -> line.split("\\s+", -1))
                    .filter(words -> words.length > 1 && words[0].equals("127.0.0.1"))
                    .map(words -> words[1])
                    .findFirst()
                    .orElse(null);
        }
        Assumptions.assumeTrue(known != null);
        assertThat(get(core(transport, names).resolveReverse(InetAddress.getByName("127.0.0.1"))))
                .isEqualTo(known);
        assertThat(names.queries()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void anAddressWithoutANameIsUnknown(String transport) throws Exception {
        AsyncCore core = core(transport, nameServer().ignore("PTR 9.2.0.192.in-addr.arpa"));
        assertThat(failureOf(core.resolveReverse(InetAddress.getByName("192.0.2.3"))))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("192.0.2.3: no name found");
        assertThat(failureOf(core.resolveReverse(InetAddress.getByName("192.0.2.9"))))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("192.0.2.9: no answer from the name servers");
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Execution(CONCURRENT)
    void aCancelledLookUpCallsNobodyBack(String transport) throws Exception {
        ScriptedNameServer names = nameServer()
                .answer("here.invalid", "127.0.0.1", "::1")
                .ignore("A mute.invalid")
                .ignore("AAAA mute.invalid")
                .ignore("PTR 9.2.0.192.in-addr.arpa");
        AsyncCore core = core(transport, names);
        CompletableFuture<List<InetAddress>> lookUp = core.resolve("mute.invalid");
        CompletableFuture<String> reverse = core.resolveReverse(InetAddress.getByName("192.0.2.9"));
        List<Object> heard = new CopyOnWriteArrayList<>();
        lookUp.thenAccept(heard::add);
        reverse.thenAccept(heard::add);
        eventually(() -> assertThat(names.queries())
                .contains("A mute.invalid", "AAAA mute.invalid", "PTR 9.2.0.192.in-addr.arpa"));
        assertThat(core.stats().pendingLookUps()).isEqualTo(2);

        assertThat(lookUp.cancel(false)).isTrue();
        assertThat(reverse.cancel(false)).isTrue();

        assertThat(core.stats().pendingLookUps()).isZero();
        eventually(() -> assertThat(core.stats().timers()).isZero());
        // What was sent before has been received when this is answered.
        get(core.resolve("here.invalid"));
        int asked = names.queries().size();
        // Beyond the time of a question, when it would be asked again.
        CompletableFuture<Void> later = new CompletableFuture<>();
        core.delay(Duration.ofMillis(2_300), () -> later.complete(null));
        get(later);
        assertThat(names.queries()).hasSize(asked);
        assertThat(heard).isEmpty();
    }

    @Test
    void anotherResolverTakesThePlaceOfTheBuiltInOne() throws Exception {
        List<InetAddress> answer = List.of(InetAddress.getByName("127.0.0.9"));
        CompletableFuture<List<InetAddress>> shared = CompletableFuture.completedFuture(answer);
        AsyncCore core = core(builder("nio").nameResolver(host -> shared));
        assertThat(get(core.resolve("anything"))).isEqualTo(answer);
    }

    @Test
    void aResolverThatThrowsFailsTheLookUp() throws Exception {
        AsyncCore core = core(builder("nio").nameResolver(host -> {
            throw new IllegalStateException("out of order");
        }));
        assertThat(failureOf(core.connect(ConnectOptions.to("anything", 1))))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("anything: out of order");
    }
}
