package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes there and back, and the ends of both directions. */
class ConversationTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void whatIsWrittenArrivesAndWhatIsAnsweredIsHeard(String transport) throws Exception {
        AsyncCore core = core(transport);
        assertThat(core.stats().transport()).isEqualTo(transport);
        Pair pair = connected(core);

        get(pair.socket().write(bytes("hello")));
        assertThat(read(pair.peer(), 5)).isEqualTo("hello");
        pair.socket().resume();
        send(pair.peer(), "world");
        pair.recorder().awaitText("world");

        assertThat(core.stats())
                .isEqualTo(new CoreStats(transport, 1, 0, 1, "world".length(), "hello".length(), 0, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aServerEchoes(String transport) throws Exception {
        AsyncCore core = core(transport);
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), socket -> {
            assertThat(socket.inEventLoop()).isTrue();
            socket.listener(new SocketListener() {
                @Override
                public void onBytes(ByteBuffer bytes) {
                    ByteBuffer copy =
                            ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                    socket.write(copy);
                }

                @Override
                public void onEnd() {
                    socket.close();
                }

                @Override
                public void onFailure(IOException cause) {}
            });
            socket.resume();
        }));
        closing(server);

        Socket client = patient(new Socket(LOOPBACK, server.port()));
        send(client, "round and round");
        client.shutdownOutput();

        assertThat(readAll(client)).isEqualTo("round and round");
        assertThat(core.stats().accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theEndOfThePeerIsHeardAndWritingGoesOn(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        send(pair.peer(), "bye");
        pair.peer().shutdownOutput();
        pair.recorder().awaitEnd();
        assertThat(pair.recorder().events()).containsExactly("bytes", "end");
        assertThat(pair.socket().isOpen())
                .as("%s %s", pair.recorder().events(), pair.recorder().failed())
                .isTrue();

        get(pair.socket().write(bytes("still here")));
        assertThat(read(pair.peer(), 10)).isEqualTo("still here");
        pair.socket().close();
        assertThat(readAll(pair.peer())).isEmpty();
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void afterItsOwnEndReadingGoesOn(String transport) throws Exception {
        Pair pair = connected(core(transport));
        pair.socket().resume();
        pair.socket().write(bytes("question"));
        get(pair.socket().shutdownOutput());
        assertThat(readAll(pair.peer())).isEqualTo("question");

        send(pair.peer(), "answer");
        pair.recorder().awaitText("answer");
        assertThat(failureOf(pair.socket().write(bytes("more"))))
                .isInstanceOf(SocketException.class)
                .hasMessage("output shut down");

        pair.peer().close();
        pair.recorder().awaitEnd();
        get(pair.socket().closed());
        assertThat(pair.recorder().events()).containsExactly("bytes", "end");
        assertThat(pair.socket().isOpen()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void writesKeepTheOrderOfTheCalls(String transport) throws Exception {
        Pair pair = connected(core(transport));
        StringBuilder expected = new StringBuilder();
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String word = i + " ";
            expected.append(word);
            if (i % 3 == 0) {
                // On the loop, while calls from this thread may still be on their way.
                CompletableFuture<Void> called = new CompletableFuture<>();
                pair.socket().execute(() -> {
                    written.add(pair.socket().write(bytes(word)));
                    called.complete(null);
                });
                get(called);
            } else {
                written.add(pair.socket().write(bytes(word)));
            }
        }
        assertThat(read(pair.peer(), expected.length())).isEqualTo(expected.toString());
        get(CompletableFuture.allOf(written.toArray(CompletableFuture[]::new)));
    }
}
