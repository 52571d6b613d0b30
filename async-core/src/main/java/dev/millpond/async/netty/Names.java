package dev.millpond.async.netty;

import dev.millpond.async.NameResolver;
import io.netty.channel.EventLoop;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The built-in resolver: the hosts file, then localhost, then DNS. */
final class Names implements NameResolver {

    private final EventLoop loop;
    private final Timers timers;
    private final Transport transport;
    private final List<InetSocketAddress> nameServers;
    private final DefaultHostsFileEntriesResolver hostsFile = new DefaultHostsFileEntriesResolver();

    /** Read when it is first asked for. */
    private volatile @Nullable HostsFile reverse;

    /** Most connections go to where the last one went. */
    private volatile @Nullable Literal lastLiteral;

    // Touched by the event loop alone.
    private @Nullable Dns dns;
    private boolean closed;

    Names(EventLoop loop, Timers timers, Transport transport, List<InetSocketAddress> nameServers) {
        this.loop = loop;
        this.timers = timers;
        this.transport = transport;
        this.nameServers = nameServers;
    }

    private record Literal(String host, List<InetAddress> addresses) {}

    /** The one address that a literal stands for (IPv6 also in brackets, and with a scope); null for a name. */
    @Nullable
    List<InetAddress> literal(String host) throws UnknownHostException {
        Literal last = lastLiteral;
        if (last != null && last.host.equals(host)) {
            return last.addresses;
        }
        InetAddress parsed = parse(host);
        if (parsed == null) {
            return null;
        }
        List<InetAddress> addresses = List.of(parsed);
        lastLiteral = new Literal(host, addresses);
        return addresses;
    }

    private static @Nullable InetAddress parse(String host) throws UnknownHostException {
        if (NetUtil.isValidIpV4Address(host)) {
            // With its text, which would be made anew for each connection.
            return InetAddress.getByAddress(host, NetUtil.createByteArrayFromIpAddressString(host));
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (NetUtil.isValidIpV6Address(bare)) {
            return InetAddress.getByName(bare);
        }
        if (bracketed) {
            throw Failures.unknownHost(host, "not an IPv6 address", null);
        }
        return null;
    }

    @Override
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        List<InetAddress> known = hostsFile.addresses(relative, ResolvedAddressTypes.IPV6_PREFERRED);
        if (known != null && !known.isEmpty()) {
            return CompletableFuture.completedFuture(known);
        }
        if (relative.equals("localhost") || relative.endsWith(".localhost")) {
            // RFC 6761, section 6.3: never asked of a name server.
            return CompletableFuture.completedFuture(List.of(NetUtil.LOCALHOST6, NetUtil.LOCALHOST4));
        }
        CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
        ask(result, asked -> asked.lookUp(name, result));
        return result;
    }

    CompletableFuture<String> resolveReverse(InetAddress address) {
        HostsFile file = reverse;
        if (file == null) {
            file = HostsFile.read();
            reverse = file;
        }
        String known = file.name(address);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<String> result = new CompletableFuture<>();
        ask(result, asked -> asked.lookUpReverse(address, result));
        return result;
    }

    private void ask(CompletableFuture<?> result, Consumer<Dns> question) {
        try {
            loop.execute(() -> {
                if (closed) {
                    result.completeExceptionally(Failures.coreClosed());
                } else {
                    question.accept(dns());
                }
            });
        } catch (RejectedExecutionException loopIsGone) {
            result.completeExceptionally(Failures.coreClosed());
        }
    }

    private Dns dns() {
        Dns asked = dns;
        if (asked == null) {
            // Only now: it opens sockets, and many a core is never told a name.
            asked = new Dns(loop, timers, transport, nameServers);
            dns = asked;
        }
        return asked;
    }

    /** On any thread. */
    void close() {
        loop.execute(() -> {
            closed = true;
            if (dns != null) {
                dns.close();
            }
        });
    }
}
