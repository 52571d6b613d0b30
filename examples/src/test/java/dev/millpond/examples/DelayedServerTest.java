package dev.millpond.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class DelayedServerTest {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int CONNECTIONS = 500;

    @Test
    void connectionsBuildUpAndEachGetsItsResponse() throws Exception {
        try (AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build()) {
            Duration delay = Duration.ofSeconds(1);
            AsyncServer server =
                    core.listen(ANY_PORT, new DelayedServer(delay)::accept).join();
            List<Socket> sockets = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < CONNECTIONS; i++) {
                sockets.add(connect(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            }
            for (Socket socket : sockets) {
                String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nsorry I am late\n");
                socket.close();
            }
            assertThat(System.nanoTime() - start).isGreaterThan(delay.toNanos());
            assertThat(core.stats().accepted()).isEqualTo(CONNECTIONS);
        }
    }

    @Test
    void whoeverLeavesIsNotWaitedFor() throws Exception {
        try (AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build()) {
            AsyncServer server = core.listen(ANY_PORT, new DelayedServer(Duration.ofDays(1))::accept)
                    .join();
            Socket half = connect(server, "GET / HTTP/1.1\r\nHost: localhost\r\n");
            half.shutdownOutput();
            assertThat(half.getInputStream().read()).isEqualTo(-1);
            Socket whole = connect(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            while (core.stats().timers() == 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            whole.setSoLinger(true, 0);
            whole.close();
            while (core.stats().open() > 0 || core.stats().timers() > 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    private static Socket connect(AsyncServer server, String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(ExampleProcess.PATIENCE_MILLIS);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void anHttpClientIsAnswered() throws Exception {
        try (ExampleProcess server = new ExampleProcess(DelayedServer.class, "0", "1")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/"))
                    .build();
            HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("sorry I am late\n");
        }
    }
}
