package dev.millpond.examples;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that takes its time: it answers a request some seconds later, and then closes the connection. So
 * connections build up, and no thread waits for any of them.
 */
public final class DelayedServer {

    private static final ByteBuffer RESPONSE = StandardCharsets.US_ASCII.encode("""
                    HTTP/1.1 200 OK\r
                    Content-Type: text/plain\r
                    Content-Length: 16\r
                    Connection: close\r
                    \r
                    sorry I am late
                    """);

    private final Duration delay;

    public DelayedServer(Duration delay) {
        this.delay = delay;
    }

    public static void main(String... args) throws InterruptedException {
        if (args.length != 2) {
            System.err.println("usage: DelayedServer PORT SECONDS");
            System.exit(2);
        }
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        DelayedServer delayed = new DelayedServer(Duration.ofSeconds(Long.parseLong(args[1])));
        try (AsyncCore core = AsyncCore.create()) {
            AsyncServer server = core.listen(address, delayed::accept).join();
            System.out.println("delaying on port " + server.port());
            Thread.currentThread().join(); // until the process is stopped
        }
    }

    /** Serves one connection. */
    public void accept(AsyncSocket socket) {
        socket.listener(new Connection(socket));
        socket.resume();
    }

    private final class Connection implements SocketListener {

        private final AsyncSocket socket;
        private boolean lineIsEmpty;
        private @Nullable Cancellable response;

        Connection(AsyncSocket socket) {
            this.socket = socket;
        }

        /** What comes after the head does not matter. */
        @Override
        public void onBytes(ByteBuffer bytes) {
            if (response == null && endsHead(bytes)) {
                response = socket.delay(delay, this::respond);
            }
        }

        /** The head of a request ends with an empty line. */
        private boolean endsHead(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next == '\n' && lineIsEmpty) {
                    return true;
                }
                lineIsEmpty = next == '\n' || (next == '\r' && lineIsEmpty);
            }
            return false;
        }

        private void respond() {
            socket.write(RESPONSE.duplicate());
            socket.close();
        }

        /** Who has asked may still want the answer. */
        @Override
        public void onEnd() {
            if (response == null) {
                socket.close();
            }
        }

        @Override
        public void onFailure(IOException cause) {
            if (response != null) {
                response.cancel();
            }
        }
    }
}
