package dev.millpond.async;

import java.io.Closeable;
import java.net.SocketAddress;

/** A listening socket. All methods may be called from any thread. */
public interface AsyncServer extends Closeable {

    /**
     * Where it listens, also after {@link #close()}: a {@link java.net.InetSocketAddress}, with the port that the
     * system chose if {@link ListenOptions#address()} had none, or a {@link java.net.UnixDomainSocketAddress}.
     */
    SocketAddress localAddress();

    /**
     * The port of {@link #localAddress()}.
     *
     * @throws IllegalStateException for a Unix domain socket, which has none
     */
    int port();

    /**
     * Stops listening, soon; connections that wait to be accepted are reset. Those that were accepted live on.
     * Idempotent.
     */
    @Override
    void close();
}
