package dev.millpond.micrometer;

import dev.millpond.http.Millpond;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The meters of a {@link Millpond}: its calls, its connections, the bytes and the memory of its responses.
 *
 * <pre>{@code
 * MillpondMetrics metrics = new MillpondMetrics(millpond);
 * metrics.bindTo(registry);
 * }</pre>
 *
 * <p>Each fetch that ends is recorded in the timer {@code millpond.calls}, with the tags {@code method},
 * {@code status}, {@code outcome}, {@code failure} and {@code target.host}. All other meters ask
 * {@link Millpond#stats()} when they are read; they hold the {@code Millpond} by a weak reference, so that a registry
 * keeps none alive. {@link #close()} takes all of them out of the registries again: call it when the {@code Millpond}
 * is closed, unless the application ends with it. Of several that are bound to one registry, each needs a tag of its
 * own.
 *
 * <p>Thread-safe.
 */
public final class MillpondMetrics implements MeterBinder, AutoCloseable {

    private final Millpond millpond;
    private final Tags tags;
    private final boolean hosts;
    private final Queue<Runnable> bound = new ConcurrentLinkedQueue<>();

    public MillpondMetrics(Millpond millpond) {
        this(millpond, Tags.empty());
    }

    /** @param tags for all meters, besides their own */
    public MillpondMetrics(Millpond millpond, Iterable<Tag> tags) {
        this(Objects.requireNonNull(millpond, "millpond"), Tags.of(tags), true);
    }

    private MillpondMetrics(Millpond millpond, Tags tags, boolean hosts) {
        this.millpond = millpond;
        this.tags = tags;
        this.hosts = hosts;
    }

    /** The same, not bound yet, with no tag {@code target.host}: for those who fetch from any number of hosts. */
    public MillpondMetrics withoutHosts() {
        return new MillpondMetrics(millpond, tags, false);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        StatsMeters stats = new StatsMeters(registry, millpond, tags);
        CallTimers calls = new CallTimers(registry, tags, hosts);
        stats.register();
        millpond.addObserver(calls);
        bound.add(() -> {
            millpond.removeObserver(calls);
            calls.remove();
            stats.remove();
        });
    }

    /** Removes the meters from all registries they were bound to. Idempotent. */
    @Override
    public void close() {
        for (Runnable unbind = bound.poll(); unbind != null; unbind = bound.poll()) {
            unbind.run();
        }
    }
}
