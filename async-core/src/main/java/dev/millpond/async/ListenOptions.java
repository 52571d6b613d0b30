package dev.millpond.async;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where to listen, and how. Immutable; the methods named after a component return a changed copy.
 *
 * @param address an {@link InetSocketAddress}, port 0 for a free one, or a {@link UnixDomainSocketAddress}, whose file
 *     must not exist
 * @param backlog how many connections may wait to be accepted; the system may allow less; default 4096
 * @param tls how to secure each connection before it is handed over, or null for not at all
 */
public record ListenOptions(
        SocketAddress address, int backlog, @Nullable TlsOptions tls) {

    /** Enough for thousands of clients that arrive at once. */
    private static final int DEFAULT_BACKLOG = 4096;

    public ListenOptions {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog: expected at least 1, got " + backlog);
        }
        if (tls != null && tls.clientMode()) {
            throw new IllegalArgumentException("tls: expected options of a server");
        }
    }

    public static ListenOptions on(InetSocketAddress address) {
        return new ListenOptions(address, DEFAULT_BACKLOG, null);
    }

    /** With NIO, the end of a client closes its connection for writing too. Closing the server deletes the file. */
    public static ListenOptions on(UnixDomainSocketAddress address) {
        return new ListenOptions(address, DEFAULT_BACKLOG, null);
    }

    public ListenOptions backlog(int connections) {
        return new ListenOptions(address, connections, tls);
    }

    public ListenOptions tls(@Nullable TlsOptions options) {
        return new ListenOptions(address, backlog, options);
    }
}
