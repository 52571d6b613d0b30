package dev.millpond.async;

import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where to connect, and how. Immutable; the methods named after a component return a changed copy.
 *
 * @param host a name, or an IPv4 or IPv6 literal (with or without brackets)
 * @param port 1 to 65535
 * @param connectTimeout bound for the look-up and all attempts together; default 10 s
 * @param localAddress the address to bind to, or null for any
 */
public record ConnectOptions(
        String host,
        int port,
        Duration connectTimeout,
        @Nullable SocketAddress localAddress) {

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    public ConnectOptions {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: expected a name or an address, got nothing");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: expected 1 to 65535, got " + port);
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout: expected more than zero, got " + connectTimeout);
        }
    }

    public static ConnectOptions to(String host, int port) {
        return new ConnectOptions(host, port, DEFAULT_CONNECT_TIMEOUT, null);
    }

    public ConnectOptions connectTimeout(Duration timeout) {
        return new ConnectOptions(host, port, timeout, localAddress);
    }

    public ConnectOptions localAddress(@Nullable SocketAddress address) {
        return new ConnectOptions(host, port, connectTimeout, address);
    }
}
