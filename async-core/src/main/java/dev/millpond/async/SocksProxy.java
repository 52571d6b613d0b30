package dev.millpond.async;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A SOCKS proxy, version 5 (RFC 1928), and how to log in there (RFC 1929).
 *
 * @param address of the proxy, resolved
 * @param username null to log in nowhere
 * @param password null as good as empty
 */
public record SocksProxy(
        InetSocketAddress address,
        @Nullable String username,
        @Nullable String password) {

    public SocksProxy {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address: expected a resolved one, got " + address);
        }
    }

    @Override
    public String toString() {
        return "SocksProxy[" + address + (username == null ? "]" : ", as " + username + "]");
    }
}
