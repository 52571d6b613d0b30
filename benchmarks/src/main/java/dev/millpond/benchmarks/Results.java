package dev.millpond.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** All samples of a run, and what follows from them. */
final class Results {

    private record Row(Cell cell, Client client, int round, Sample sample) {

        String toCsv() {
            return cell.id() + "," + client.id() + "," + round + "," + sample.toCsv();
        }
    }

    private final List<Row> rows = new ArrayList<>();

    void add(Cell cell, Client client, int round, Sample sample) {
        rows.add(new Row(cell, client, round, sample));
    }

    List<Cell> cells() {
        return rows.stream().map(Row::cell).distinct().toList();
    }

    List<Client> clients(Cell cell) {
        return rows.stream()
                .filter(row -> row.cell().equals(cell))
                .map(Row::client)
                .distinct()
                .toList();
    }

    /** The median over all rounds. */
    double median(Cell cell, Client client, Metric metric) {
        return median(samples(cell, client).stream().mapToDouble(sample -> metric.of(cell, sample)));
    }

    /** The best median of a client that is neither Millpond nor a limit; NaN if there is none. */
    double bestPeer(Cell cell, Metric metric) {
        DoubleBinaryOperator better = metric.higherIsBetter ? Math::max : Math::min;
        return clients(cell).stream()
                .filter(client -> client.kind == Client.Kind.PEER && failures(cell, client) == 0)
                .mapToDouble(client -> median(cell, client, metric))
                .filter(median -> !Double.isNaN(median))
                .reduce(better)
                .orElse(Double.NaN);
    }

    long failures(Cell cell, Client client) {
        return samples(cell, client).stream().mapToLong(Sample::failures).sum();
    }

    long failures() {
        return rows.stream().mapToLong(row -> row.sample().failures()).sum();
    }

    private List<Sample> samples(Cell cell, Client client) {
        return rows.stream()
                .filter(row -> row.cell().equals(cell) && row.client() == client)
                .map(Row::sample)
                .toList();
    }

    static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    String toCsv() {
        return rows.stream()
                .map(Row::toCsv)
                .collect(Collectors.joining("\n", "cell,client,round," + String.join(",", Sample.FIELDS) + "\n", "\n"));
    }
}
