package dev.millpond.micrometer;

import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a {@link Millpond} knows of itself when it is asked. */
final class StatsMeters {

    private static final String CALLS = "calls";
    private static final String EXCHANGES = "exchanges";
    private static final String RESPONSES = "responses";

    private final MeterRegistry registry;
    private final Millpond millpond;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();

    StatsMeters(MeterRegistry registry, Millpond millpond, Tags tags) {
        this.registry = registry;
        this.millpond = millpond;
        this.tags = tags;
    }

    void register() {
        gauge("calls.active", CALLS, "Fetches in flight", MillpondStats::callsInFlight);
        gauge("connections.leased", BaseUnits.CONNECTIONS, "Connections in use", MillpondStats::connectionsLeased);
        gauge("connections.idle", BaseUnits.CONNECTIONS, "Connections kept for reuse", MillpondStats::connectionsIdle);
        gauge("connections.pending", CALLS, "Fetches that wait for a connection", MillpondStats::leasesPending);
        counter("connections.opened", BaseUnits.CONNECTIONS, "Connections opened", MillpondStats::connectionsOpened);
        counter("connections.reused", EXCHANGES, "Exchanges on a used connection", MillpondStats::connectionsReused);
        counter("received", BaseUnits.BYTES, "Bytes received, after decryption", MillpondStats::bytesReceived);
        counter("sent", BaseUnits.BYTES, "Bytes sent, before encryption", MillpondStats::bytesSent);
        gauge("memory.used", BaseUnits.BYTES, "Memory that responses hold", MillpondStats::memoryUsed);
        gauge("memory.max", BaseUnits.BYTES, "Memory that responses may hold", MillpondStats::memoryBudget);
        gauge("spilled.active", RESPONSES, "Responses kept in files", MillpondStats::spilledResponses);
        counter("spilled", RESPONSES, "Responses that were to be kept in files", MillpondStats::spilledSoFar);
    }

    void remove() {
        meters.forEach(registry::remove);
    }

    private void gauge(String name, String unit, String description, ToDoubleFunction<MillpondStats> value) {
        meters.add(Gauge.builder("millpond." + name, millpond, asked -> value.applyAsDouble(asked.stats()))
                .baseUnit(unit)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    private void counter(String name, String unit, String description, ToDoubleFunction<MillpondStats> count) {
        meters.add(FunctionCounter.builder("millpond." + name, millpond, asked -> count.applyAsDouble(asked.stats()))
                .baseUnit(unit)
                .description(description)
                .tags(tags)
                .register(registry));
    }
}
