package dev.millpond.async;

import java.io.Closeable;
import java.net.InetSocketAddress;

/** A listening socket. */
public interface AsyncServer extends Closeable {

    /** @throws IllegalStateException for a Unix domain socket, whose address is the one it was given */
    InetSocketAddress localAddress();

    /** Stops listening. Connections that were accepted live on. Idempotent. */
    @Override
    void close();
}
