package dev.millpond.async;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where to connect, and how. Immutable; the methods named after a component return a changed copy.
 *
 * @param target where to: an {@link InetSocketAddress}, by name if it is unresolved, or a
 *     {@link UnixDomainSocketAddress}
 * @param connectTimeout bound for the look-up and all attempts together; default 10 s
 * @param localAddress the address to bind to, or null for any
 * @param addresses what the target's name stands for, tried in this order; if empty, the name is looked up
 * @param socksProxy the proxy to go through, or null
 * @param socketOptions options of {@link java.net.StandardSocketOptions} and {@code jdk.net.ExtendedSocketOptions}, set
 *     before connecting
 * @param firstBytes what to send first, or null. The bytes must not be changed before the peer has got them. They go
 *     out with the connect itself where TCP Fast Open can be used (RFC 7413): on epoll, to an only address, if the
 *     server has given a cookie before. Then the network may deliver them twice (section 6.1), so they should do no
 *     harm twice; and the future may complete before the server has answered, so that a refusal or the connect timeout
 *     reaches {@link SocketListener#onFailure}. Elsewhere they are sent right after connecting, once, to the address
 *     that has won.
 */
public record ConnectOptions(
        SocketAddress target,
        Duration connectTimeout,
        @Nullable SocketAddress localAddress,
        List<InetSocketAddress> addresses,
        @Nullable SocksProxy socksProxy,
        Map<SocketOption<?>, Object> socketOptions,
        @Nullable ByteBuffer firstBytes) {

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    public ConnectOptions {
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout: expected more than zero, got " + connectTimeout);
        }
        addresses = List.copyOf(addresses);
        socketOptions = Map.copyOf(socketOptions);
    }

    /**
     * @param host a name, or an IPv4 or IPv6 literal (with or without brackets)
     * @param port 1 to 65535
     */
    public static ConnectOptions to(String host, int port) {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: expected a name or an address, got nothing");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: expected 1 to 65535, got " + port);
        }
        return to(InetSocketAddress.createUnresolved(host, port));
    }

    /** To a Unix domain socket. With NIO, the peer's end of stream closes it for writing too. */
    public static ConnectOptions to(UnixDomainSocketAddress address) {
        return to((SocketAddress) address);
    }

    private static ConnectOptions to(SocketAddress target) {
        return new ConnectOptions(target, DEFAULT_CONNECT_TIMEOUT, null, List.of(), null, Map.of(), null);
    }

    public ConnectOptions connectTimeout(Duration timeout) {
        return timeout.equals(connectTimeout)
                ? this
                : new ConnectOptions(target, timeout, localAddress, addresses, socksProxy, socketOptions, firstBytes);
    }

    public ConnectOptions localAddress(@Nullable SocketAddress address) {
        return new ConnectOptions(target, connectTimeout, address, addresses, socksProxy, socketOptions, firstBytes);
    }

    public ConnectOptions addresses(List<InetSocketAddress> known) {
        return new ConnectOptions(target, connectTimeout, localAddress, known, socksProxy, socketOptions, firstBytes);
    }

    public ConnectOptions socksProxy(@Nullable SocksProxy proxy) {
        return new ConnectOptions(target, connectTimeout, localAddress, addresses, proxy, socketOptions, firstBytes);
    }

    /** Adds a socket option. One that the transport doesn't know makes connecting fail. */
    public <T> ConnectOptions socketOption(SocketOption<T> option, T value) {
        Map<SocketOption<?>, Object> more = new HashMap<>(socketOptions);
        more.put(option, value);
        return new ConnectOptions(target, connectTimeout, localAddress, addresses, socksProxy, more, firstBytes);
    }

    public ConnectOptions firstBytes(@Nullable ByteBuffer bytes) {
        return new ConnectOptions(target, connectTimeout, localAddress, addresses, socksProxy, socketOptions, bytes);
    }
}
