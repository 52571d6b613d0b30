package dev.millpond.async;

import java.io.Closeable;
import java.net.InetSocketAddress;

/** A listening socket. */
public interface AsyncServer extends Closeable {

    InetSocketAddress localAddress();

    /** Stops listening. Connections that were accepted live on. Idempotent. */
    @Override
    void close();
}
