package dev.millpond.examples;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Passes connections on to another server: bytes both ways and no faster than they are read, each side's end as an end,
 * and each failure as a reset.
 */
public final class TcpProxy {

    private final AsyncCore core;
    private final ConnectOptions target;

    TcpProxy(AsyncCore core, ConnectOptions target) {
        this.core = core;
        this.target = target;
    }

    public static void main(String... args) throws InterruptedException {
        if (args.length != 3) {
            System.err.println("usage: TcpProxy PORT TARGET_HOST TARGET_PORT");
            System.exit(2);
        }
        try (AsyncCore core = AsyncCore.create()) {
            TcpProxy proxy = new TcpProxy(core, ConnectOptions.to(args[1], Integer.parseInt(args[2])));
            System.out.println("proxy on port "
                    + proxy.listen(Integer.parseInt(args[0])).join().port());
            Thread.currentThread().join(); // until the process is stopped
        }
    }

    CompletableFuture<AsyncServer> listen(int port) {
        return core.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), this::accept);
    }

    private void accept(AsyncSocket client) {
        CompletableFuture<AsyncSocket> connecting = core.connect(target);
        client.closed().thenRun(() -> connecting.cancel(false));
        connecting.whenComplete((server, failure) -> {
            if (failure == null) {
                relay(client, server);
                relay(server, client);
            } else {
                client.abort();
            }
        });
    }

    private static void relay(AsyncSocket from, AsyncSocket to) {
        from.listener(new Relay(from, to));
        from.resume();
    }

    /** Hears one socket, and has the other do the same. Once both sides have ended, sockets close by themselves. */
    private record Relay(AsyncSocket from, AsyncSocket to) implements SocketListener {

        @Override
        public void onBytes(ByteBuffer bytes) {
            to.write(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
            if (!to.writable()) {
                from.pause();
                // It may have become writable just before the pause, on its own event loop.
                if (to.writable()) {
                    from.resume();
                }
            }
        }

        /** So the other direction can go on. */
        @Override
        public void onWritable() {
            to.resume();
        }

        @Override
        public void onEnd() {
            to.shutdownOutput();
        }

        @Override
        public void onFailure(IOException cause) {
            to.abort();
        }
    }
}
