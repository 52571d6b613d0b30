package dev.millpond.benchmarks;

import java.util.List;
import java.util.Locale;

/** What is read from samples; NaN where it is unknown. */
enum Metric {
    REQUESTS("requests/s", true, 0),
    BANDWIDTH("MiB/s", true, 0),
    WALL("wall time, s", false, 2),
    CPU("CPU, µs/request", false, 1),
    ALLOCATED("allocated, bytes/request", false, 0),
    ALLOCATED_MEBI("allocated, MiB/request", false, 1),
    P50("p50, µs", false, 0),
    P99("p99, µs", false, 0),
    RSS("peak RSS, MiB", false, 0),
    THREADS("peak threads", false, 0);

    final String title;
    final boolean higherIsBetter;
    private final int decimals;

    Metric(String title, boolean higherIsBetter, int decimals) {
        this.title = title;
        this.higherIsBetter = higherIsBetter;
        this.decimals = decimals;
    }

    /** What a cell is about, the most important first. */
    static List<Metric> of(Cell cell) {
        if (cell.burst()) {
            return List.of(WALL, RSS, THREADS, CPU, ALLOCATED);
        }
        return cell.large()
                ? List.of(BANDWIDTH, CPU, ALLOCATED_MEBI, RSS)
                : List.of(REQUESTS, CPU, ALLOCATED, P50, P99, THREADS);
    }

    double of(Cell cell, Sample sample) {
        return switch (this) {
            case REQUESTS -> sample.requests() / seconds(sample);
            case BANDWIDTH -> mebi(sample.requests() * (double) cell.length()) / seconds(sample);
            case WALL -> seconds(sample);
            case CPU -> each(sample, sample.cpuNanos()) / 1e3;
            case ALLOCATED -> each(sample, sample.allocatedBytes());
            case ALLOCATED_MEBI -> mebi(each(sample, sample.allocatedBytes()));
            case P50 -> known(sample.p50Nanos()) / 1e3;
            case P99 -> known(sample.p99Nanos()) / 1e3;
            case RSS -> mebi(known(sample.peakRssBytes()));
            case THREADS -> known(sample.peakThreads());
        };
    }

    String text(double number) {
        return Double.isNaN(number) ? "–" : String.format(Locale.ROOT, "%,." + decimals + "f", number);
    }

    private static double seconds(Sample sample) {
        return sample.wallNanos() / 1e9;
    }

    private static double each(Sample sample, long total) {
        return sample.requests() == 0 ? Double.NaN : known(total) / sample.requests();
    }

    private static double known(long number) {
        return number == Sample.UNKNOWN ? Double.NaN : number;
    }

    private static double mebi(double bytes) {
        return bytes / (1 << 20);
    }
}
