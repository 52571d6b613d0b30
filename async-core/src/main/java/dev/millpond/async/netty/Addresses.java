package dev.millpond.async.netty;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Addresses as people write them, and as transports want them. */
final class Addresses {

    private Addresses() {}

    /** As in "name:80", "127.0.0.1:80", "[::1]:80", "/run/a.sock". */
    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        String host = host(inet);
        return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + inet.getPort();
    }

    /** The name, or the literal address; empty where there is none. */
    static String host(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return "";
        }
        return inet.isUnresolved() ? inet.getHostString() : inet.getAddress().getHostAddress();
    }

    /** Netty's native transports have a type of their own for what the JDK calls {@link UnixDomainSocketAddress}. */
    static SocketAddress ofJdk(SocketAddress address) {
        return address instanceof DomainSocketAddress unix ? UnixDomainSocketAddress.of(unix.path()) : address;
    }

    static SocketAddress ofNative(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix
                ? new DomainSocketAddress(unix.getPath().toFile())
                : address;
    }
}
