package dev.millpond.micrometer;

import dev.millpond.http.observe.CallObserver;
import dev.millpond.http.observe.EndedCall;
import dev.millpond.http.observe.FailureKind;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A timer for each combination of tags that has come up. */
final class CallTimers implements CallObserver {

    /** All others count as one: methods may come from outside, and each would be a timer of its own. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private final MeterRegistry registry;
    private final boolean hosts;
    private final Meter.MeterProvider<Timer> provider;
    private final Set<Timer> timers = ConcurrentHashMap.newKeySet();

    CallTimers(MeterRegistry registry, Tags tags, boolean hosts) {
        this.registry = registry;
        this.hosts = hosts;
        this.provider = Timer.builder("millpond.calls")
                .description("Fetches, from the call to the end of its handler")
                .tags(tags)
                .withRegistry(registry);
    }

    @Override
    public void ended(EndedCall call) {
        Timer timer = provider.withTags(tagsOf(call));
        timers.add(timer);
        timer.record(call.elapsed());
    }

    void remove() {
        timers.forEach(registry::remove);
    }

    private Tags tagsOf(EndedCall call) {
        FailureKind failure = call.failureKind();
        Tags tags = Tags.of(
                "method", METHODS.contains(call.method()) ? call.method() : "OTHER",
                "status", call.status() == 0 ? "NONE" : Integer.toString(call.status()),
                "outcome", (call.status() == 0 ? Outcome.UNKNOWN : Outcome.forStatus(call.status())).name(),
                "failure", failure == null ? "none" : failure.name().toLowerCase(Locale.ROOT));
        return hosts ? tags.and("target.host", call.target().getHostName()) : tags;
    }
}
