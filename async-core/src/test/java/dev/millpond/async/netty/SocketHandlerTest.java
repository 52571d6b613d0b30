package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.SocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What arrives in a socket, in moments that a peer can't choose. */
class SocketHandlerTest {

    private final AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build();
    private final ServerSocket server;
    private final NettySocket socket;
    private final StringBuilder received = new StringBuilder();
    private Consumer<String> onText = text -> {};

    SocketHandlerTest() throws Exception {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket = (NettySocket)
                core.connect(ConnectOptions.to(server.getInetAddress().getHostAddress(), server.getLocalPort()))
                        .get(60, TimeUnit.SECONDS);
    }

    @BeforeEach
    void listen() {
        socket.listener(new SocketListener() {
            @Override
            public void onBytes(ByteBuffer bytes) {
                String text = StandardCharsets.ISO_8859_1.decode(bytes).toString();
                received.append(text);
                onText.accept(text);
                received.append('|');
            }

            @Override
            public void onEnd() {}

            @Override
            public void onFailure(IOException failure) {}
        });
    }

    @AfterEach
    void close() throws IOException {
        core.close();
        server.close();
    }

    private ByteBuf arrive(String text) {
        ChannelHandlerContext context = socket.channel.pipeline().firstContext();
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        socket.handler.channelRead(context, bytes);
        return bytes;
    }

    /** Runs the steps on the event loop; returns what has been received by their end. */
    private String onLoop(Runnable steps) throws Exception {
        CompletableFuture<String> result = new CompletableFuture<>();
        socket.execute(() -> {
            steps.run();
            result.complete(received.toString());
        });
        return result.get(60, TimeUnit.SECONDS);
    }

    @Test
    void whatArrivesWithinACallComesAfterIt() throws Exception {
        socket.resume();
        onText = text -> {
            if (text.equals("a")) {
                arrive("b");
                arrive("c");
            }
        };
        assertThat(onLoop(() -> arrive("a"))).isEqualTo("a|b|c|");
    }

    @Test
    void whatArrivesIsDeliveredAtOnceAndReleased() throws Exception {
        socket.resume();
        CompletableFuture<Integer> references = new CompletableFuture<>();
        onLoop(() -> references.complete(arrive("a").refCnt()));
        assertThat(references).isCompletedWithValue(0);
        assertThat(received).hasToString("a|");
    }

    /** Another thread has resumed the socket, but the event loop has not heard of it yet. */
    @Test
    void whatWaitsComesBeforeWhatArrivesAfterResume() throws Exception {
        assertThat(onLoop(() -> {
                    arrive("a");
                    CompletableFuture.runAsync(socket::resume).join();
                    arrive("b");
                }))
                .isEqualTo("a|b|");
    }
}
