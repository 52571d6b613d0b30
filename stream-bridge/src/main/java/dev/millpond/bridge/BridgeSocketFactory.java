package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link Socket}s for blocking libraries whose bytes go through an {@link AsyncCore}, as they are: no protocol is
 * known here. Names are looked up by the core. They can be layered over by
 * {@link javax.net.ssl.SSLSocketFactory#createSocket(Socket, String, int, boolean)}.
 *
 * <p>The sockets keep to {@link Socket}'s contract, with these differences: options set after connecting have no effect
 * but {@code SO_TIMEOUT} and {@code SO_LINGER}; of the latter only 0 s, which makes closing a reset, as closing never
 * waits; a write returns when the bytes are on their way, and fails at the next one. Closing ends what waits in the
 * socket on another thread at once.
 */
public final class BridgeSocketFactory extends SocketFactory {

    private final AsyncCore core;

    /**
     * For libraries that make a factory by the name of its class, and maybe one for each socket. All of these use
     * {@link AsyncCore#shared()}, from the first one on until the process ends.
     */
    public BridgeSocketFactory() {
        this(Shared.CORE);
    }

    /** @param core stays the caller's, to be closed after the sockets */
    public BridgeSocketFactory(AsyncCore core) {
        this.core = core;
    }

    @Override
    public Socket createSocket() throws IOException {
        return new BridgeSocket(core);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(InetSocketAddress.createUnresolved(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(InetSocketAddress.createUnresolved(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    private Socket connected(InetSocketAddress target, @Nullable SocketAddress local) throws IOException {
        Socket socket = new BridgeSocket(core);
        if (local != null) {
            socket.bind(local);
        }
        socket.connect(target);
        return socket;
    }

    /** Made when it is first asked for. Its threads are daemons: they keep no process from ending. */
    private static final class Shared {
        static final AsyncCore CORE = AsyncCore.shared();
    }
}
