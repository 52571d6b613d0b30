package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Writes from other threads than the event loop. */
@Timeout(60)
class DirectWriteTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void needsNoEventLoopForWhatTheSystemTakesAtOnce(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<Void> busy = new CompletableFuture<>();
        pair.socket().execute(busy::join);
        CompletableFuture<Void> written = pair.socket().write(bytes("hello"));
        if (transport.equals("epoll")) {
            assertThat(written).isCompleted();
            assertThat(read(pair.peer(), 5)).isEqualTo("hello");
        }
        busy.complete(null);
        get(written);
        assertThat(pair.socket().writable()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void leavesTheBufferAsItIs(String transport) throws Exception {
        Pair pair = connected(core(transport));
        ByteBuffer bytes = bytes("xhello").position(1);
        get(pair.socket().write(bytes.asReadOnlyBuffer()));
        get(pair.socket().write(bytes));
        get(pair.socket().write(ByteBuffer.allocate(0)));
        assertThat(bytes.position()).isOne();
        assertThat(read(pair.peer(), 10)).isEqualTo("hellohello");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void writesOfOneThreadStayInOrderWhoeverSendsThem(String transport) throws Exception {
        Pair pair = connected(core(transport));
        int count = 20_000;
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                pair.socket().write(ByteBuffer.allocate(200).putInt(0, i));
            }
        });
        for (int i = 0; i < count; i++) {
            byte[] received = pair.peer().getInputStream().readNBytes(200);
            assertThat(ByteBuffer.wrap(received).getInt()).isEqualTo(i);
        }
        get(writing);
    }

    /** Descriptors are used again at once: what a write meant for one that is closed sends must not get there. */
    @ParameterizedTest
    @MethodSource("transports")
    void noByteGetsToAnotherConnectionWhileConnectionsComeAndGo(String transport) throws Exception {
        AsyncCore core = core(transport);
        ServerSocket server = peer();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                byte mark = (byte) ('a' + client);
                clients.add(CompletableFuture.runAsync(() -> comeAndGo(core, server, mark), threads));
            }
            for (int i = 0; i < 4 * 100; i++) {
                Socket accepted = server.accept();
                clients.add(CompletableFuture.runAsync(() -> receivesOneKind(accepted), threads));
            }
            get(CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)));
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void comeAndGo(AsyncCore core, ServerSocket server, byte mark) {
        byte[] marks = new byte[100];
        Arrays.fill(marks, mark);
        for (int i = 0; i < 100; i++) {
            AsyncSocket socket = core.connect(to(server)).join();
            Thread writer = new Thread(() -> {
                // A little longer than it is open.
                while (socket.isOpen() || ThreadLocalRandom.current().nextInt(10) > 0) {
                    if (socket.writable()) {
                        socket.write(ByteBuffer.wrap(marks));
                    }
                }
            });
            writer.start();
            socket.write(ByteBuffer.wrap(marks)).join();
            if (i % 2 == 0) {
                socket.abort();
            } else {
                socket.close();
            }
            socket.closed().join();
            joined(writer);
        }
    }

    private static void joined(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void receivesOneKind(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            int first = in.read();
            byte[] more = new byte[8192];
            for (int count = in.read(more); count > 0; count = in.read(more)) {
                for (int i = 0; i < count; i++) {
                    if (more[i] != first) {
                        throw new AssertionError("expected only " + first + ", got " + more[i]);
                    }
                }
            }
        } catch (IOException reset) {
            // As half of them are.
        }
    }
}
