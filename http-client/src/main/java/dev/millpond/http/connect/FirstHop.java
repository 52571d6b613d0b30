package dev.millpond.http.connect;

import dev.millpond.async.ConnectOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.SocketConfig;
import org.jspecify.annotations.Nullable;

/**
 * Where a route begins, as the core is to connect to it.
 *
 * @param host the target, or the proxy
 */
record FirstHop(HttpHost host, HttpRoute route, RouteConfig config, ConnectSettings settings) {

    /** Whether {@link #options} asks somebody who may take their time. */
    boolean waits() {
        SocketConfig socket = config.socket();
        return settings.dnsResolver() != null || (socket != null && socket.getSocksProxyAddress() != null);
    }

    ConnectOptions options() throws HttpException, IOException {
        SocketConfig socket = config.socket();
        if (route.getUnixDomainSocket() != null) {
            ConnectOptions local = ConnectOptions.to(UnixDomainSocketAddress.of(route.getUnixDomainSocket()));
            return socket == null ? local : SocketSettings.apply(socket, local);
        }
        ConnectOptions tcp = target();
        if (route.getLocalSocketAddress() != null) {
            tcp = tcp.localAddress(route.getLocalSocketAddress());
        }
        return socket == null ? tcp : SocketSettings.applyTcp(socket, tcp);
    }

    private ConnectOptions target() throws HttpException, IOException {
        int port = settings.ports().resolve(host.getSchemeName(), host);
        ConnectOptions options;
        try {
            options = ConnectOptions.to(host.getHostName(), port);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(e.getMessage(), e);
        }
        if (host.getAddress() != null) {
            return options.addresses(List.of(new InetSocketAddress(host.getAddress(), port)));
        }
        DnsResolver resolver = settings.dnsResolver();
        return resolver == null ? options : options.addresses(addresses(resolver, port));
    }

    private List<InetSocketAddress> addresses(DnsResolver resolver, int port) throws UnknownHostException {
        @Nullable List<InetSocketAddress> addresses = resolver.resolve(host.getHostName(), port);
        if (addresses == null || addresses.isEmpty()) {
            throw new UnknownHostException(host.getHostName());
        }
        return addresses;
    }
}
