package dev.millpond.async;

import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link AsyncCore}. */
public final class AsyncCoreBuilder {

    private int eventLoopThreads = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), 8));
    private @Nullable NameResolver nameResolver;

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

    public int eventLoopThreads() {
        return eventLoopThreads;
    }

    /** The resolver that was set, or null for the built-in one. */
    public @Nullable NameResolver nameResolver() {
        return nameResolver;
    }

    /** @throws IllegalStateException if no implementation is on the class path */
    public AsyncCore build() {
        return ServiceLoader.load(AsyncCoreProvider.class, AsyncCore.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no AsyncCoreProvider: was META-INF/services lost?"))
                .create(this);
    }
}
