package dev.millpond.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The load generator {@code wrk}, where it is installed: started anew for each sample. */
final class Wrk implements Subject {

    private static final Map<String, Double> NANOS = Map.of("us", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9);

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([\\d.]+)(us|ms|s|m)\\b");
    private static final Pattern P50 = Pattern.compile("50%\\s+([\\d.]+)(us|ms|s|m)\\b");
    private static final Pattern P99 = Pattern.compile("99%\\s+([\\d.]+)(us|ms|s|m)\\b");
    private static final Pattern ERRORS = Pattern.compile("(?:connect|read|write|timeout) (\\d+)");
    private static final Pattern WRONG = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    /** The last line of {@code times}: the user and system time of the shell's children. */
    private static final Pattern CPU = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

    private final Processes processes;
    private final int inFlight;
    private final String url;

    Wrk(Processes processes, Cell cell, String url) {
        this.processes = processes;
        this.inFlight = cell.inFlight();
        this.url = url;
    }

    static boolean available() {
        return Processes.onPath("wrk");
    }

    @Override
    public Sample measure(Duration duration) throws IOException, InterruptedException {
        // It counts in whole seconds.
        long seconds = Math.max(1, Math.round(duration.toMillis() / 1e3));
        String wrk = "wrk -t1 -c" + inFlight + " -d" + seconds + "s --latency " + url + "; times";
        Process process = processes.program(List.of("sh", "-c", wrk));
        process.getOutputStream().close();
        try (BufferedReader out = process.inputReader(Charset.defaultCharset())) {
            return parse(out.lines().collect(Collectors.joining("\n")));
        } finally {
            process.waitFor();
        }
    }

    static Sample parse(String output) {
        Matcher requests = found(REQUESTS, output);
        Matcher cpu = found(CPU, output);
        double cpuSeconds = 60 * Double.parseDouble(cpu.group(1))
                + Double.parseDouble(cpu.group(2))
                + 60 * Double.parseDouble(cpu.group(3))
                + Double.parseDouble(cpu.group(4));
        long failures = ERRORS.matcher(output)
                        .results()
                        .mapToLong(error -> Long.parseLong(error.group(1)))
                        .sum()
                + WRONG.matcher(output)
                        .results()
                        .mapToLong(wrong -> Long.parseLong(wrong.group(1)))
                        .sum();
        return new Sample(
                Long.parseLong(requests.group(1)),
                failures,
                nanos(requests.group(2), requests.group(3)),
                duration(P50, output),
                duration(P99, output),
                Math.round(cpuSeconds * 1e9),
                Sample.UNKNOWN,
                Sample.UNKNOWN,
                Sample.UNKNOWN);
    }

    private static long duration(Pattern pattern, String output) {
        Matcher found = found(pattern, output);
        return nanos(found.group(1), found.group(2));
    }

    private static long nanos(String number, String unit) {
        return Math.round(Double.parseDouble(number) * NANOS.getOrDefault(unit, 1e9));
    }

    private static Matcher found(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalArgumentException("unexpected output of wrk: " + output);
        }
        return matcher;
    }

    @Override
    public void close() {}
}
