package dev.millpond.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/** How long many exchanges took, and how many failed of what. Thread-safe. */
final class LatencySummary {

    private static final int DIGITS = 3;

    private final ConcurrentHistogram latencies = new ConcurrentHistogram(DIGITS);
    private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();

    void succeeded(Duration latency) {
        latencies.recordValue(Math.max(0, latency.toNanos()));
    }

    void failed(Throwable failure) {
        failures.computeIfAbsent(Failures.unwrapped(failure).getClass().getSimpleName(), kind -> new LongAdder())
                .increment();
    }

    long failures() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    void print(PrintWriter out, Duration wall) {
        long count = latencies.getTotalCount();
        double perSecond = (count + failures()) / Math.max(1e-9, wall.toNanos() / 1e9);
        out.printf(
                Locale.ROOT,
                "%d responses, %d failures in %s: %.0f/s%n",
                count,
                failures(),
                Durations.text(wall),
                perSecond);
        failures.forEach((kind, number) -> out.printf(Locale.ROOT, "  %d × %s%n", number.sum(), kind));
        if (count > 0) {
            out.println("latency: min " + text(latencies.getMinValue()) + ", p50 " + percentile(50) + ", p90 "
                    + percentile(90) + ", p99 " + percentile(99) + ", max " + text(latencies.getMaxValue()));
        }
    }

    private String percentile(double percentile) {
        return text(latencies.getValueAtPercentile(percentile));
    }

    private static String text(long nanos) {
        return Durations.text(Duration.ofNanos(nanos));
    }
}
