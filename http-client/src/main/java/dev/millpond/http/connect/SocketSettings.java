package dev.millpond.http.connect;

import dev.millpond.async.ConnectOptions;
import dev.millpond.async.SocksProxy;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import jdk.net.ExtendedSocketOptions;
import org.apache.hc.core5.http.io.SocketConfig;
import org.jspecify.annotations.Nullable;

/** Puts Apache's {@link SocketConfig} into {@link ConnectOptions}. */
public final class SocketSettings {

    private SocketSettings() {}

    /** What goes for any kind of socket. */
    public static ConnectOptions apply(SocketConfig config, ConnectOptions options) {
        ConnectOptions applied = options;
        if (config.getRcvBufSize() > 0) {
            applied = applied.socketOption(StandardSocketOptions.SO_RCVBUF, config.getRcvBufSize());
        }
        if (config.getSndBufSize() > 0) {
            applied = applied.socketOption(StandardSocketOptions.SO_SNDBUF, config.getSndBufSize());
        }
        return applied;
    }

    /** For TCP. Blocks if there is a SOCKS proxy, whose name is looked up, and whose login is asked for. */
    public static ConnectOptions applyTcp(SocketConfig config, ConnectOptions options) throws UnknownHostException {
        ConnectOptions applied = apply(config, options)
                .socketOption(StandardSocketOptions.SO_REUSEADDR, config.isSoReuseAddress())
                .socketOption(StandardSocketOptions.TCP_NODELAY, config.isTcpNoDelay())
                .socketOption(StandardSocketOptions.SO_KEEPALIVE, config.isSoKeepAlive())
                .socksProxy(socksProxy(config.getSocksProxyAddress()));
        int linger = (int) config.getSoLinger().toSeconds();
        if (linger >= 0) {
            applied = applied.socketOption(StandardSocketOptions.SO_LINGER, linger);
        }
        if (config.getTcpKeepIdle() > 0) {
            applied = applied.socketOption(ExtendedSocketOptions.TCP_KEEPIDLE, config.getTcpKeepIdle());
        }
        if (config.getTcpKeepInterval() > 0) {
            applied = applied.socketOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, config.getTcpKeepInterval());
        }
        if (config.getTcpKeepCount() > 0) {
            applied = applied.socketOption(ExtendedSocketOptions.TCP_KEEPCOUNT, config.getTcpKeepCount());
        }
        return applied;
    }

    /** As the JDK's own sockets do it: the login is the {@link Authenticator}'s to know. */
    private static @Nullable SocksProxy socksProxy(@Nullable SocketAddress address) throws UnknownHostException {
        if (address == null) {
            return null;
        }
        if (!(address instanceof InetSocketAddress named)) {
            throw new IllegalArgumentException("socksProxyAddress: expected host and port, got " + address);
        }
        InetSocketAddress resolved = named.isUnresolved()
                ? new InetSocketAddress(InetAddress.getByName(named.getHostString()), named.getPort())
                : named;
        PasswordAuthentication login = Authenticator.requestPasswordAuthentication(
                named.getHostString(), resolved.getAddress(), named.getPort(), "SOCKS5", "SOCKS authentication", null);
        return login == null
                ? new SocksProxy(resolved, null, null)
                : new SocksProxy(resolved, login.getUserName(), new String(login.getPassword()));
    }
}
