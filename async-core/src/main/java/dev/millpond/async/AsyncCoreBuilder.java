package dev.millpond.async;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link AsyncCore}. */
public final class AsyncCoreBuilder {

    private int eventLoopThreads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), 8));
    private @Nullable NameResolver nameResolver;
    private List<InetSocketAddress> nameServers = List.of();
    private boolean nativeTransport = true;

    AsyncCoreBuilder() {}

    /** Number of event loops, each a daemon thread. Default: one a processor, at most 8. */
    public AsyncCoreBuilder eventLoopThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("eventLoopThreads: expected at least 1, got " + threads);
        }
        this.eventLoopThreads = threads;
        return this;
    }

    /** Resolves names in place of the built-in resolver (hosts file, then DNS, with a cache). */
    public AsyncCoreBuilder nameResolver(NameResolver resolver) {
        this.nameResolver = resolver;
        return this;
    }

    /**
     * Name servers the built-in resolver asks, in this order. Default, also for an empty list: those of the system
     * ({@code /etc/resolv.conf} where there is one).
     */
    public AsyncCoreBuilder nameServers(List<InetSocketAddress> servers) {
        this.nameServers = List.copyOf(servers);
        return this;
    }

    /** Whether to use epoll where it loads (Linux), rather than NIO. Default: true. */
    public AsyncCoreBuilder nativeTransport(boolean wanted) {
        this.nativeTransport = wanted;
        return this;
    }

    public int eventLoopThreads() {
        return eventLoopThreads;
    }

    /** The resolver that was set, or null for the built-in one. */
    public @Nullable NameResolver nameResolver() {
        return nameResolver;
    }

    public List<InetSocketAddress> nameServers() {
        return nameServers;
    }

    public boolean nativeTransport() {
        return nativeTransport;
    }

    /** @throws IllegalStateException if no implementation is on the class path */
    public AsyncCore build() {
        return ServiceLoader.load(AsyncCoreProvider.class, AsyncCore.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no AsyncCoreProvider: was META-INF/services lost?"))
                .create(this);
    }
}
