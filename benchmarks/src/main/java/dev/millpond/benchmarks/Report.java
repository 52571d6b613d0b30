package dev.millpond.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A run as Markdown, with a chart for the first two metrics of each cell, and as CSV. */
final class Report {

    private static final int CHARTED = 2;

    private static final String HOW = """
            Server and clients are processes of their own, on one machine. In each cell each client has a JVM of its own that
            lives through all rounds, and is warmed up; in each round the clients take turns, in an order that rotates.
            Numbers are medians over the rounds; in brackets, their ratios to the best peer, which is neither Millpond nor a
            limit. Small responses have a body of 100 bytes and 8 fields. All clients hand out the body as one byte array, call
            back where they do by default, and have default settings but for the number of connections. CPU is that of the
            client's whole process. Allocation is the sum over its Java threads. In the cells with a slow server each process
            is new, and not warmed up; memory and threads are the highest since it began. Raw Netty (a request encoded once,
            bytes counted) and wrk are no clients, but what the machine allows.

            Where processes are pinned, each JVM sees one processor and so chooses the serial collector. The JDK's client would
            start a thread for each task then: its JVM, on the same core, is told of three, and to keep that collector.
            """;

    private final Results results;
    private final Map<String, String> environment;

    /** @param environment machine, versions and date */
    Report(Results results, Map<String, String> environment) {
        this.results = results;
        this.environment = environment;
    }

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("README.md"), markdown());
        Files.writeString(directory.resolve("results.csv"), results.toCsv());
        for (Cell cell : results.cells()) {
            for (Metric metric : charted(cell)) {
                Files.writeString(directory.resolve(chartName(cell, metric)), chart(cell, metric));
            }
        }
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Millpond beside its peers\n\n" + HOW + "\n");
        text.append("| | |\n|---|---|\n");
        environment.forEach((name, value) -> text.append("| " + name + " | " + value + " |\n"));
        for (Cell cell : results.cells()) {
            text.append("\n## " + cell.title() + "\n\n" + table(cell) + "\n");
            for (Metric metric : charted(cell)) {
                text.append("![" + metric.title + "](" + chartName(cell, metric) + ")\n");
            }
        }
        return text.toString();
    }

    /** Millpond and its peers, best first, then the limits. */
    String table(Cell cell) {
        List<Metric> metrics = Metric.of(cell);
        StringBuilder table = new StringBuilder("| client |");
        metrics.forEach(metric -> table.append(" " + metric.title + " |"));
        table.append("\n|---|" + "---:|".repeat(metrics.size()) + "\n");
        for (Client client : ranked(cell, metrics.get(0))) {
            long failures = results.failures(cell, client);
            table.append("| " + emphasised(client) + (failures == 0 ? "" : " (" + failures + " failures)") + " |");
            metrics.forEach(metric -> table.append(" " + entry(cell, client, metric) + " |"));
            table.append("\n");
        }
        return table.toString();
    }

    private static String emphasised(Client client) {
        return switch (client.kind) {
            case OWN -> "**" + client.label + "**";
            case PEER -> client.label;
            case LIMIT -> "*" + client.label + "*";
        };
    }

    private String entry(Cell cell, Client client, Metric metric) {
        double median = results.median(cell, client, metric);
        double ratio = median / results.bestPeer(cell, metric);
        String value = metric.text(median);
        return Double.isFinite(ratio) ? value + String.format(Locale.ROOT, " (%.2f)", ratio) : value;
    }

    private List<Client> ranked(Cell cell, Metric metric) {
        Comparator<Client> better = Comparator.comparingDouble(client -> results.median(cell, client, metric));
        Comparator<Client> limitsLast = Comparator.comparing(client -> client.kind == Client.Kind.LIMIT);
        return results.clients(cell).stream()
                .sorted(limitsLast.thenComparing(metric.higherIsBetter ? better.reversed() : better))
                .toList();
    }

    private static List<Metric> charted(Cell cell) {
        return Metric.of(cell).subList(0, CHARTED);
    }

    private static String chartName(Cell cell, Metric metric) {
        return cell.id() + "-" + metric.name().toLowerCase(Locale.ROOT) + ".svg";
    }

    private String chart(Cell cell, Metric metric) {
        List<Chart.Bar> bars = ranked(cell, metric).stream()
                .filter(client -> !Double.isNaN(results.median(cell, client, metric)))
                .map(client -> {
                    double median = results.median(cell, client, metric);
                    return new Chart.Bar(client.label, median, metric.text(median), client.kind);
                })
                .toList();
        return Chart.svg(cell.title() + ": " + metric.title, bars);
    }
}
