package dev.millpond.examples;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Sends back whatever it is sent. A line that says {@code QUIT} ends the server. */
public final class EchoServer {

    private final CompletableFuture<Void> quit = new CompletableFuture<>();

    public static void main(String... args) {
        if (args.length != 1) {
            System.err.println("usage: EchoServer PORT");
            System.exit(2);
        }
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        try (AsyncCore core = AsyncCore.create()) {
            EchoServer echo = new EchoServer();
            AsyncServer server = core.listen(address, echo::accept).join();
            System.out.println("echoing on port " + server.port());
            echo.quit.join();
        }
    }

    private void accept(AsyncSocket socket) {
        socket.listener(new Echo(socket));
        socket.resume();
    }

    private final class Echo implements SocketListener {

        private final AsyncSocket socket;

        /** The line so far, but no more of it than tells whether it says {@code QUIT}. */
        private final StringBuilder line = new StringBuilder();

        Echo(AsyncSocket socket) {
            this.socket = socket;
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            // A copy: the bytes are there during this call only, and the write may take longer.
            socket.write(ByteBuffer.allocate(bytes.remaining())
                    .put(bytes.duplicate())
                    .flip());
            if (!socket.writable()) {
                // It sends more than it reads. TCP will tell it.
                socket.pause();
            }
            while (bytes.hasRemaining()) {
                if (endsQuit((char) bytes.get())) {
                    socket.close();
                    socket.closed().thenRun(() -> quit.complete(null));
                }
            }
        }

        private boolean endsQuit(char next) {
            if (next == '\n') {
                boolean quits = "QUIT".contentEquals(line) || "QUIT\r".contentEquals(line);
                line.setLength(0);
                return quits;
            }
            if (line.length() <= "QUIT\r".length()) {
                line.append(next);
            }
            return false;
        }

        @Override
        public void onWritable() {
            socket.resume();
        }

        /** What was written still goes out. */
        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            System.err.println(socket.remoteAddress() + ": " + cause.getMessage());
        }
    }
}
