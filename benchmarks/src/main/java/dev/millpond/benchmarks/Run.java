package dev.millpond.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole run: every client in every cell it fits, and the report. */
@Command(
        name = "benchmarks/run",
        description = "Runs Millpond beside its peers and writes a report. \"benchmarks/run jmh\" runs JMH.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Run implements Callable<Integer> {

    @Option(names = "--quick", description = "A few minutes, to see that everything works; the numbers say little.")
    private boolean quick;

    @Option(names = "--rounds", description = "Default: 3, or 1 if quick.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", description = "Each measurement. Default: 1.5, or 0.3 if quick.")
    private @Nullable Double seconds;

    @Option(names = "--warm-up", description = "Seconds of load before. Default: 3, or 0.3 if quick.")
    private @Nullable Double warmUp;

    @Option(names = "--cells", description = "Only cells whose ids match this regular expression.")
    private String cells = ".*";

    @Option(names = "--clients", description = "Only clients whose ids match this regular expression.")
    private String clients = ".*";

    @Option(names = "--list", description = "Prints the ids of cells and clients, and ends.")
    private boolean list;

    @Option(
            names = "--no-pin",
            description = "Leaves processes to the scheduler, rather than one processor each for server and client.")
    private boolean unpinned;

    @Option(names = "--output", required = true, description = "Directory of the report.")
    private Path output = Path.of("");

    @Option(names = "--revision", description = "Of Millpond, for the report.")
    private String revision = "unknown";

    private final Results results = new Results();

    public static void main(String[] args) {
        System.exit(new CommandLine(new Run()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Client> chosen = Arrays.stream(Client.values())
                .filter(client -> matches(clients, client.id()) && client.available())
                .toList();
        List<Cell> wanted = Cell.all(quick, VirtualThreads.available()).stream()
                .filter(cell -> matches(cells, cell.id()))
                .toList();
        if (list) {
            wanted.forEach(cell -> System.out.println(cell.id() + ": " + cell.title()));
            chosen.forEach(client -> System.out.println(client.id() + ": " + client.label));
            return 0;
        }
        Processes processes = new Processes(!unpinned && Processes.canPin());
        Map<String, String> environment = Environment.of(chosen, revision);
        environment.put("processes", processes.pinned() ? "server and client on a core each" : "not pinned");
        environment.put(
                "measurements", rounds() + " rounds of " + seconds() + " s after " + warmUp() + " s of warm-up");
        Report report = new Report(results, environment);
        for (Cell cell : wanted) {
            List<Client> fitting = chosen.stream()
                    .filter(client -> client.fits(cell.mode()))
                    .filter(client -> client != Client.WRK || (!cell.burst() && !cell.large()))
                    .toList();
            if (cell.burst()) {
                burst(processes, cell, fitting);
            } else {
                steady(processes, cell, fitting);
            }
            // After each cell, so that a run cut short leaves what it has.
            report.write(output);
        }
        results.cells().forEach(cell -> System.out.println("\n" + cell.title() + "\n\n" + report.table(cell)));
        System.out.println("Report: " + output.resolve("README.md"));
        if (results.failures() > 0) {
            System.err.println(results.failures() + " requests failed");
            return 1;
        }
        return 0;
    }

    private static boolean matches(String expression, String id) {
        return Pattern.compile(expression).matcher(id).matches();
    }

    private void steady(Processes processes, Cell cell, List<Client> fitting) throws Exception {
        Map<Client, Subject> subjects = new LinkedHashMap<>();
        try (Server server = new Server(processes, 1)) {
            for (Client client : fitting) {
                progress(cell, client, "warm-up");
                Subject subject = Subject.start(processes, client, cell, server.url(0, cell.path()));
                subjects.put(client, subject);
                subject.measure(duration(warmUp()));
            }
            for (int round = 0; round < rounds(); round++) {
                for (Client client : rotated(fitting, round)) {
                    progress(cell, client, "round " + (round + 1));
                    Subject subject = subjects.get(client);
                    if (subject != null) {
                        results.add(cell, client, round, subject.measure(duration(seconds())));
                    }
                }
            }
        } finally {
            for (Subject subject : subjects.values()) {
                subject.close();
            }
        }
    }

    private void burst(Processes processes, Cell cell, List<Client> fitting) throws Exception {
        // A port for each client in each round: connections that were closed a moment ago still occupy local ports.
        int port = 0;
        try (Server server = new Server(processes, 1 + fitting.size() * rounds())) {
            // Else the server would be slower for the first client than for the others.
            burst(processes, cell, Client.RAW_NETTY, server.url(port++, cell.path()));
            for (int round = 0; round < rounds(); round++) {
                for (Client client : rotated(fitting, round)) {
                    progress(cell, client, "round " + (round + 1));
                    List<Sample> samples = burst(processes, cell, client, server.url(port++, cell.path()));
                    results.add(cell, client, round, samples.get(0));
                    results.add(cell.reused(), client, round, samples.get(1));
                }
            }
        }
    }

    private static List<Sample> burst(Processes processes, Cell cell, Client client, String url) throws Exception {
        try (Subject subject = Subject.start(processes, client, cell, url)) {
            return List.of(subject.measure(Duration.ZERO), subject.measure(Duration.ZERO));
        }
    }

    private static List<Client> rotated(List<Client> clients, int round) {
        List<Client> rotated = new ArrayList<>(clients);
        Collections.rotate(rotated, -round);
        return rotated;
    }

    private static void progress(Cell cell, Client client, String what) {
        System.err.println(cell.id() + ": " + client.label + ", " + what);
    }

    private int rounds() {
        return rounds != null ? rounds : quick ? 1 : 3;
    }

    private double seconds() {
        return seconds != null ? seconds : quick ? 0.3 : 1.5;
    }

    private double warmUp() {
        return warmUp != null ? warmUp : quick ? 0.3 : 3;
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
