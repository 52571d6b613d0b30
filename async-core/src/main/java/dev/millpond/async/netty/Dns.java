package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.channel.EventLoop;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks name servers, over UDP and where an answer does not fit over TCP, with a cache. IPv6 and IPv4 are asked for
 * apart, so that a name server that leaves one of the questions open, as some do with AAAA, does not hold up the answer
 * to the other (RFC 8305, section 3). All methods run on the event loop.
 */
final class Dns {

    /** One question to one name server; asked once more if it stays open, as a datagram may get lost. */
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);

    /** All questions for one name: with many name servers, their time-outs add up. */
    private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(8);

    /** How much longer to wait for IPv6 addresses once there are IPv4 ones (RFC 8305, section 3). */
    private static final Duration RESOLUTION_DELAY = Duration.ofMillis(50);

    /** And the other way round: more, because where IPv6 does not work nothing else would be left to try. */
    private static final Duration FALLBACK_DELAY = Duration.ofMillis(500);

    private static final int MAX_TTL_SECONDS = 300;
    private static final int NEGATIVE_TTL_SECONDS = 2;

    private final EventLoop loop;
    private final Timers timers;
    private final DnsNameResolver six;
    private final DnsNameResolver four;

    /** @param nameServers whom to ask; if empty, those of the system */
    Dns(EventLoop loop, Timers timers, Transport transport, List<InetSocketAddress> nameServers) {
        this.loop = loop;
        this.timers = timers;
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(transport.datagrams())
                .socketChannelFactory(transport.sockets())
                .hostsFileEntriesResolver((host, types) -> null)
                .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
                .ttl(0, MAX_TTL_SECONDS)
                .negativeTtl(NEGATIVE_TTL_SECONDS);
        if (!nameServers.isEmpty()) {
            builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(nameServers));
            builder.searchDomains(List.of());
        }
        six = builder.copy()
                .resolvedAddressTypes(ResolvedAddressTypes.IPV6_ONLY)
                .build();
        four = builder.copy()
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
                .build();
    }

    void lookUp(String name, CompletableFuture<List<InetAddress>> result) {
        new LookUp(name, result).start();
    }

    void close() {
        six.close();
        four.close();
    }

    private final class LookUp {

        private final String name;
        private final CompletableFuture<List<InetAddress>> result;
        private final List<InetAddress> found = new ArrayList<>();
        private int open = 2;
        private @Nullable Throwable failure;
        private Cancellable limit = () -> {};

        LookUp(String name, CompletableFuture<List<InetAddress>> result) {
            this.name = name;
            this.result = result;
        }

        void start() {
            limit(LOOK_UP_TIMEOUT);
            result.whenComplete((done, cause) -> loop.execute(() -> limit.cancel()));
            ask(six, FALLBACK_DELAY, true);
            ask(four, RESOLUTION_DELAY, true);
        }

        private void limit(Duration left) {
            limit.cancel();
            limit = timers.delay(loop, left, this::finish);
        }

        private void ask(DnsNameResolver resolver, Duration delayForOther, boolean again) {
            resolver.resolveAll(name).addListener(answer -> {
                if (answer.isSuccess()) {
                    @SuppressWarnings("unchecked")
                    List<InetAddress> addresses = (List<InetAddress>) answer.getNow();
                    found.addAll(addresses);
                    limit(delayForOther);
                } else if (again && isTimeout(answer.cause()) && !result.isDone()) {
                    ask(resolver, delayForOther, false);
                    return;
                } else {
                    failure = answer.cause();
                }
                if (--open == 0) {
                    finish();
                }
            });
        }

        private void finish() {
            limit.cancel();
            Throwable cause = failure;
            if (!found.isEmpty()) {
                result.complete(List.copyOf(found));
            } else if (cause == null || isTimeout(cause)) {
                result.completeExceptionally(Failures.unknownHost(name, "no answer from the name servers", cause));
            } else {
                result.completeExceptionally(Failures.unknownHost(name, "name not found", cause));
            }
        }

        private static boolean isTimeout(Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (cause instanceof DnsNameResolverTimeoutException) {
                    return true;
                }
            }
            return false;
        }
    }
}
