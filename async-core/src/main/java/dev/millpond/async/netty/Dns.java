package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
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

    private static final String NO_ANSWER = "no answer from the name servers";

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
                .datagramChannelFactory(transport::newDatagramSocket)
                .socketChannelFactory(transport::newSocket)
                // From a port of its own (RFC 5452, section 9.2), and nothing is left open between look-ups.
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
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

    void lookUpReverse(InetAddress address, CompletableFuture<String> result) {
        Cancellable limit = timers.delay(loop, LOOK_UP_TIMEOUT, () -> result.completeExceptionally(noAnswer(address)));
        result.whenComplete((done, cause) -> limit.cancel());
        askForName(address, result, true);
    }

    private void askForName(InetAddress address, CompletableFuture<String> result, boolean again) {
        DnsQuestion question = new DefaultDnsQuestion(reverseName(address), DnsRecordType.PTR);
        four.resolveAll(question).addListener(answer -> {
            if (answer.isSuccess()) {
                @SuppressWarnings("unchecked")
                List<DnsRecord> records = (List<DnsRecord>) answer.getNow();
                String name = name(records);
                records.forEach(ReferenceCountUtil::release);
                if (name == null) {
                    result.completeExceptionally(noName(address, null));
                } else {
                    result.complete(name);
                }
            } else if (!isTimeout(answer.cause())) {
                result.completeExceptionally(noName(address, answer.cause()));
            } else if (again && !result.isDone()) {
                askForName(address, result, false);
            } else {
                result.completeExceptionally(noAnswer(address));
            }
        });
    }

    private static @Nullable String name(List<DnsRecord> records) {
        for (DnsRecord record : records) {
            if (record instanceof DnsPtrRecord pointer) {
                String name = pointer.hostname();
                return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
            }
        }
        return null;
    }

    private static UnknownHostException noName(InetAddress address, @Nullable Throwable cause) {
        return Failures.unknownHost(address.getHostAddress(), "no name found", cause);
    }

    private static UnknownHostException noAnswer(InetAddress address) {
        return Failures.unknownHost(address.getHostAddress(), NO_ANSWER, null);
    }

    /** The octets (RFC 1035, section 3.5) or the nibbles (RFC 3596, section 2.5), last first. */
    static String reverseName(InetAddress address) {
        byte[] octets = address.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = octets.length - 1; i >= 0; i--) {
            int octet = octets[i] & 0xFF;
            if (octets.length == 4) {
                name.append(octet).append('.');
            } else {
                name.append(Integer.toHexString(octet & 0xF)).append('.');
                name.append(Integer.toHexString(octet >> 4)).append('.');
            }
        }
        return name.append(octets.length == 4 ? "in-addr.arpa." : "ip6.arpa.").toString();
    }

    private static boolean isTimeout(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                return true;
            }
        }
        return false;
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
                result.completeExceptionally(Failures.unknownHost(name, NO_ANSWER, cause));
            } else {
                result.completeExceptionally(Failures.unknownHost(name, "name not found", cause));
            }
        }
    }
}
