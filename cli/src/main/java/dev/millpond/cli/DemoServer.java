package dev.millpond.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The demo's server, over {@code async-core}: a process of its own, so that what the demo measures of itself is the
 * client's. Prints its port, and ends with its standard input, so that it never outlives the demo.
 */
final class DemoServer {

    static final String SLOW = "/slow";
    static final String TRUNCATED = "/truncated";
    static final String DRIP = "/drip";

    static final Duration DELAY = Duration.ofSeconds(1);
    static final Duration DRIP_INTERVAL = Duration.ofMillis(200);

    private static final String HEAD_END = "\r\n\r\n";

    private DemoServer() {}

    public static void main(String[] args) throws IOException {
        try (AsyncCore core = AsyncCore.create();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Exchange::begin)
                        .join()) {
            System.out.println(server.port());
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    /** Answers the requests of one connection, one after the other. Its requests have no bodies. */
    private static final class Exchange implements SocketListener {

        private final AsyncSocket socket;
        private final StringBuilder received = new StringBuilder();

        private Exchange(AsyncSocket socket) {
            this.socket = socket;
        }

        static void begin(AsyncSocket socket) {
            socket.listener(new Exchange(socket));
            socket.resume();
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            received.append(ISO_8859_1.decode(bytes));
            for (int end = received.indexOf(HEAD_END); end >= 0; end = received.indexOf(HEAD_END)) {
                String target = received.substring(0, end).split(" ", 3)[1];
                received.delete(0, end + HEAD_END.length());
                answer(target);
            }
        }

        private void answer(String target) {
            switch (target) {
                case SLOW -> socket.delay(DELAY, () -> send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nslow\n"));
                case TRUNCATED -> {
                    send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(500));
                    socket.close();
                }
                case DRIP -> {
                    send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                    drip();
                }
                default -> send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            }
        }

        private void drip() {
            if (socket.isOpen()) {
                send("x");
                socket.delay(DRIP_INTERVAL, this::drip);
            }
        }

        private void send(String response) {
            socket.write(ByteBuffer.wrap(response.getBytes(ISO_8859_1)));
        }

        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            // The client has gone.
        }
    }
}
