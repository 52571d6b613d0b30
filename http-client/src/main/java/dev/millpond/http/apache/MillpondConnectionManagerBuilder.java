package dev.millpond.http.apache;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.connect.TlsUpgrade;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Builds a connection manager that puts Apache's unmodified {@code HttpClient} on Millpond, in place of
 * {@link PoolingHttpClientConnectionManagerBuilder}. Everything that sets is honoured; settings of Millpond's own come
 * first in a chain of calls, as Apache's return their own type:
 *
 * <pre>{@code
 * HttpClients.custom()
 *     .setConnectionManager(MillpondConnectionManagerBuilder.create()
 *         .setResponseDeadline(Duration.ofSeconds(30))
 *         .setMaxConnPerRoute(50)
 *         .build())
 *     .build();
 * }</pre>
 *
 * <p>What differs from stock: a response is complete when {@code execute} returns, and its connection free again. One
 * that is cut off, malformed, too large or late fails there: with
 * {@link dev.millpond.bridge.IncompleteResponseException}, {@link org.apache.hc.core5.http.ProtocolException},
 * {@link dev.millpond.bridge.ResponseTooLargeException}, {@link dev.millpond.bridge.ResponseDeadlineException}. The
 * socket timeout is the longest time without a byte. Names are looked up by the asynchronous core (hosts file, then
 * DNS) unless a {@link DnsResolver} is set.
 *
 * <p>Not thread-safe; the managers built are.
 */
public final class MillpondConnectionManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {

    private final Supplier<AsyncCore> core;
    private final Supplier<ResponseStorage> storage;
    private ResponseLimits limits;
    private Predicate<HttpResponse> streaming = StreamedResponses::endless;

    private MillpondConnectionManagerBuilder(
            Supplier<AsyncCore> core, Supplier<ResponseStorage> storage, ResponseLimits limits) {
        this.core = core;
        this.storage = storage;
        this.limits = limits;
    }

    /**
     * Over a core and a memory budget that all managers built this way share; the core's threads are daemons, started
     * by the first connection.
     */
    public static MillpondConnectionManagerBuilder create() {
        return new MillpondConnectionManagerBuilder(() -> Shared.CORE, () -> Shared.STORAGE, ResponseLimits.DEFAULTS);
    }

    /**
     * Over a core of the caller's, which has to outlive the managers built.
     *
     * @param limits defaults, of which the socket timeout is Apache's to configure
     */
    public static MillpondConnectionManagerBuilder over(
            AsyncCore core, ResponseStorage storage, ResponseLimits limits) {
        Objects.requireNonNull(core, "core");
        Objects.requireNonNull(storage, "storage");
        return new MillpondConnectionManagerBuilder(() -> core, () -> storage, limits);
    }

    /**
     * Longest time for an exchange, from the request's first byte to the response's last. Default: 5 minutes. The time
     * for a lease and for connecting is Apache's to limit ({@code connectionRequestTimeout}, {@code connectTimeout}).
     */
    public MillpondConnectionManagerBuilder setResponseDeadline(Duration deadline) {
        limits = limits.responseDeadline(deadline);
        return this;
    }

    /**
     * Largest body of a response, in bytes as on the wire. What doesn't fit into the memory budget is kept in a file.
     * Default: 16 GiB.
     */
    public MillpondConnectionManagerBuilder setMaxResponseSize(long bytes) {
        limits = limits.maxResponseSize(bytes);
        return this;
    }

    /**
     * Which responses are exposed as soon as their heads are there, to be read as they arrive: with stock's meaning of
     * socket timeout and {@code close()}, without deadline or limit of size, and holding their connection. Default:
     * {@code text/event-stream} and {@code multipart/x-mixed-replace}.
     *
     * @param predicate called on an event loop with the response's head, unless the body came along with it; it must
     *     not block
     */
    public MillpondConnectionManagerBuilder setStreaming(Predicate<HttpResponse> predicate) {
        streaming = Objects.requireNonNull(predicate, "predicate");
        return this;
    }

    /** @throws IllegalArgumentException if the strategy can't be honoured without an {@code SSLSocket} */
    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
            @Nullable SchemePortResolver schemePortResolver,
            @Nullable DnsResolver dnsResolver,
            TlsSocketStrategy tlsSocketStrategy) {
        return new BridgedConnectionOperator(
                schemePortResolver, dnsResolver, TlsUpgrade.asynchronous(tlsSocketStrategy));
    }

    /**
     * A manager with these settings; what is set later changes it no more.
     *
     * @throws IllegalArgumentException if a {@link TlsSocketStrategy} was set that can't be honoured: it has to be a
     *     {@code DefaultClientTlsStrategy}, or be a {@link org.apache.hc.core5.http.nio.ssl.TlsStrategy} too
     */
    @Override
    public PoolingHttpClientConnectionManager build() {
        HttpConnectionFactory<ManagedHttpClientConnection> chosen = connectionFactory();
        BridgeSettings settings = new BridgeSettings(core, storage, limits, streaming);
        setConnectionFactory(new BridgedConnectionFactory(
                chosen != null ? chosen : BridgedConnectionFactory.defaultInner(), settings));
        try {
            return super.build();
        } finally {
            setConnectionFactory(chosen);
        }
    }

    /** What was set, which Apache's builder keeps to itself, to put a bridge around it. */
    @SuppressWarnings("unchecked")
    private @Nullable HttpConnectionFactory<ManagedHttpClientConnection> connectionFactory() {
        try {
            Field field = PoolingHttpClientConnectionManagerBuilder.class.getDeclaredField("connectionFactory");
            field.setAccessible(true);
            return (HttpConnectionFactory<ManagedHttpClientConnection>) field.get(this);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("this version of HttpClient is not supported: " + e.getMessage(), e);
        }
    }

    private static final class Shared {
        static final AsyncCore CORE = AsyncCore.shared();
        static final ResponseStorage STORAGE = ResponseStorage.withDefaults();
    }
}
