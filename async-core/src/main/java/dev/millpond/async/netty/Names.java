package dev.millpond.async.netty;

import dev.millpond.async.NameResolver;
import io.netty.channel.EventLoop;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The built-in resolver: literals, the hosts file, localhost, then DNS with a cache. */
@SuppressWarnings("FutureReturnValueIgnored") // whoever waits for one listens to it
final class Names implements NameResolver {

    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_TTL_SECONDS = 300;
    private static final int NEGATIVE_TTL_SECONDS = 2;

    private final EventLoop loop;
    private final Transport transport;
    private final List<InetSocketAddress> nameServers;
    private final DefaultHostsFileEntriesResolver hostsFile = new DefaultHostsFileEntriesResolver();
    private @Nullable DnsNameResolver dns;
    private boolean closed;

    Names(EventLoop loop, Transport transport, List<InetSocketAddress> nameServers) {
        this.loop = loop;
        this.transport = transport;
        this.nameServers = nameServers;
    }

    @Override
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        String name = canonical(host);
        List<InetAddress> fromHostsFile = hostsFile.addresses(name, ResolvedAddressTypes.IPV6_PREFERRED);
        if (fromHostsFile != null && !fromHostsFile.isEmpty()) {
            return CompletableFuture.completedFuture(fromHostsFile);
        }
        if (name.equals("localhost") || name.endsWith(".localhost")) {
            return CompletableFuture.completedFuture(loopback());
        }
        CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
        loop.execute(() -> query(name, result));
        return result;
    }

    /** The address that a literal stands for, with or without brackets; null for a name. */
    static @Nullable InetAddress literal(String host) throws UnknownHostException {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        boolean literal = (bare.equals(host) && NetUtil.isValidIpV4Address(bare)) || NetUtil.isValidIpV6Address(bare);
        return literal ? InetAddress.getByName(bare) : null;
    }

    private static String canonical(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** RFC 6761, section 6.3: never asked of a name server. */
    private static List<InetAddress> loopback() {
        return List.of(NetUtil.LOCALHOST6, NetUtil.LOCALHOST4);
    }

    private void query(String name, CompletableFuture<List<InetAddress>> result) {
        if (closed) {
            result.completeExceptionally(Failures.coreClosed());
            return;
        }
        resolver().resolveAll(name).addListener(done -> {
            if (done.isSuccess()) {
                @SuppressWarnings("unchecked")
                List<InetAddress> addresses = (List<InetAddress>) done.getNow();
                result.complete(addresses);
            } else {
                UnknownHostException unknown = new UnknownHostException(name);
                unknown.initCause(done.cause());
                result.completeExceptionally(unknown);
            }
        });
    }

    /** Made when first needed: it opens a socket. */
    private DnsNameResolver resolver() {
        DnsNameResolver existing = dns;
        if (existing != null) {
            return existing;
        }
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(transport.datagrams())
                .socketChannelFactory(transport.sockets())
                .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
                .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
                .ttl(0, MAX_TTL_SECONDS)
                .negativeTtl(NEGATIVE_TTL_SECONDS);
        if (!nameServers.isEmpty()) {
            builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(nameServers));
        }
        DnsNameResolver made = builder.build();
        dns = made;
        return made;
    }

    /** Fails what is pending. On any thread. */
    void close() {
        loop.execute(() -> {
            closed = true;
            if (dns != null) {
                dns.close();
            }
        });
    }
}
