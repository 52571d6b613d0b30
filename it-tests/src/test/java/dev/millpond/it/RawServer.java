package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** A server that says on each connection what a script says, byte for byte; a thread a connection. */
final class RawServer implements Closeable {

    /** What to do on the n-th connection, counted from 0. */
    @FunctionalInterface
    interface Script {
        void run(Peer peer, int connection) throws Exception;
    }

    private final ServerSocket listening;
    private final Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();

    RawServer(Script script) {
        this(ServerSocketFactory.getDefault(), script);
    }

    RawServer(ServerSocketFactory factory, Script script) {
        this.script = script;
        try {
            listening = factory.createServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept, "raw-server");
    }

    /** A server that answers each request on each connection with the same bytes, and keeps the connection open. */
    static RawServer answering(String response) {
        return new RawServer((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(response);
            }
        });
    }

    String url() {
        return url("/");
    }

    String url(String path) {
        return "http://localhost:" + listening.getLocalPort() + path;
    }

    int port() {
        return listening.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** Waits until a script has come to its end, and says which. */
    int awaitEnd() throws InterruptedException {
        Integer connection = ended.poll(30, TimeUnit.SECONDS);
        if (connection == null) {
            throw new AssertionError("no connection has ended");
        }
        return connection;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                int connection = connections.getAndIncrement();
                start(() -> serve(socket, connection), "raw-server-" + connection);
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, int connection) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.run(new Peer(socket), connection);
        } catch (IOException e) {
            // The client has gone: most of these tests are about that.
        } catch (Exception | AssertionError e) {
            failures.add(e);
        } finally {
            open.remove(socket);
            ended.add(connection);
        }
    }

    private static void start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("script failed", failures.get(0));
        }
    }

    /** One connection, from the server's side. */
    static final class Peer {

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        private Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        /** The head of the next request, with its body if it has a Content-Length; empty at the end of the stream. */
        String readRequest() throws IOException {
            String head = readHead();
            return head + new String(in.readNBytes(contentLength(head)), ISO_8859_1);
        }

        /** The head of the next request, without the body that it announces; empty at the end of the stream. */
        String readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    return "";
                }
                head.append((char) b);
            }
            return head.toString();
        }

        private static int contentLength(String head) {
            for (String line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    return Integer.parseInt(line.substring(15).trim());
                }
            }
            return 0;
        }

        /** The next byte, or -1. */
        int read() throws IOException {
            return in.read();
        }

        InputStream in() {
            return in;
        }

        void write(String bytes) throws IOException {
            write(bytes.getBytes(ISO_8859_1));
        }

        void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** Closes with a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        /** Waits for the client to close, in order or not. */
        void awaitClose() {
            try {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // A reset is a close too.
            }
        }

        Socket socket() {
            return socket;
        }

        /** What a proxy does once it has been told where to. */
        void tunnel(int port) throws IOException {
            try (Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
                start(() -> copy(target, socket), "raw-server-tunnel");
                copy(socket, target);
            }
        }

        private static void copy(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.close();
            } catch (IOException e) {
                // One side has gone, and so does the other.
            }
        }
    }
}
