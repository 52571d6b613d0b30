package dev.millpond.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One measurement of one client. What could not be measured is {@link #UNKNOWN}.
 *
 * @param cpuNanos CPU time of the client's whole process, with garbage collection and compilation
 * @param allocatedBytes on the heap, by all Java threads that were alive at the end
 * @param peakRssBytes most memory the process has had resident since it began
 * @param peakThreads most Java threads the process has had since it began, the JVM's own included
 */
record Sample(
        long requests,
        long failures,
        long wallNanos,
        long p50Nanos,
        long p99Nanos,
        long cpuNanos,
        long allocatedBytes,
        long peakRssBytes,
        long peakThreads) {

    static final long UNKNOWN = -1;
    static final List<String> FIELDS = Arrays.stream(Sample.class.getRecordComponents())
            .map(component -> component.getName())
            .toList();

    String toCsv() {
        return List.of(
                        requests,
                        failures,
                        wallNanos,
                        p50Nanos,
                        p99Nanos,
                        cpuNanos,
                        allocatedBytes,
                        peakRssBytes,
                        peakThreads)
                .stream()
                .map(String::valueOf)
                .collect(Collectors.joining(","));
    }

    static Sample fromCsv(String line) {
        long[] values =
                Arrays.stream(line.split(",", -1)).mapToLong(Long::parseLong).toArray();
        if (values.length != FIELDS.size()) {
            throw new IllegalArgumentException("expected " + FIELDS.size() + " values, got " + values.length);
        }
        return new Sample(
                values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
    }
}
