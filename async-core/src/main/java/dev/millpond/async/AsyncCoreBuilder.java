package dev.millpond.async;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link AsyncCore}. */
public final class AsyncCoreBuilder {

    private int eventLoopThreads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), 8));
    private @Nullable NameResolver nameResolver;
    private List<InetSocketAddress> nameServers = List.of();
    private boolean nativeTransport = true;
    private @Nullable Consumer<Throwable> exceptionHandler;

    AsyncCoreBuilder() {}

    /** Number of event loops, each a daemon thread. Default: one a processor, at most 8. */
    public AsyncCoreBuilder eventLoopThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("eventLoopThreads: expected at least 1, got " + threads);
        }
        this.eventLoopThreads = threads;
        return this;
    }

    /**
     * Resolves names in place of the built-in resolver (hosts file, then DNS, with a cache). Not for
     * {@link AsyncCore#resolveReverse}.
     */
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

    /**
     * Gets what callbacks throw that belong to no socket, or to one that is closed: tasks of {@link AsyncCore#execute},
     * {@link AsyncCore#delay}, {@link AsyncCore#interval}, {@link AsyncCore#notifier} and {@link AsyncCore#onClose},
     * and callbacks of {@link AsyncCore#listen}. Called where they were, so mostly on an event loop: it must not block.
     * Default: a warning in the log.
     */
    public AsyncCoreBuilder exceptionHandler(Consumer<Throwable> handler) {
        this.exceptionHandler = handler;
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

    /** The handler that was set, or null for the log. */
    public @Nullable Consumer<Throwable> exceptionHandler() {
        return exceptionHandler;
    }

    /** @throws IllegalStateException if no implementation is on the class path */
    public AsyncCore build() {
        return ServiceLoader.load(AsyncCoreProvider.class, AsyncCore.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no AsyncCoreProvider: was META-INF/services lost?"))
                .create(this);
    }
}
