package dev.millpond.benchmarks.connections;

import java.util.List;
import java.util.Locale;

/**
 * One run.
 *
 * @param before what the servers took before the first connection
 * @param held and with all requests waiting for their answers
 * @param after and after all answers
 * @param clientsResident what was resident of the clients then
 * @param answers of each client: how many, and the milliseconds until the first and the last
 */
record Row(
        long connections,
        int processes,
        Footprint before,
        Footprint held,
        Footprint after,
        long clientsResident,
        List<String> answers) {

    static final String HEAD = """
            | connections held | server processes | threads | resident before | resident with all | at most | \
            resident, a connection | heap, a connection | right answers, after | clients' resident |
            |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|""";

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "| %,d | %d | %d | %s | %s | %s | %,d B | %,d B | %,d, %s to %s s | %s |",
                connections,
                processes,
                held.threads(),
                mebibytes(before.resident()),
                mebibytes(held.resident()),
                mebibytes(after.peak()),
                (held.resident() - before.resident()) / connections,
                (held.heap() - before.heap()) / connections,
                connections,
                seconds(answers.stream()
                        .mapToLong(line -> number(line, 1))
                        .min()
                        .orElseThrow()),
                seconds(answers.stream()
                        .mapToLong(line -> number(line, 2))
                        .max()
                        .orElseThrow()),
                mebibytes(clientsResident));
    }

    private static long number(String line, int index) {
        return Long.parseLong(line.split(" ", -1)[index]);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.0f MiB", bytes / 1048576.0);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f", millis / 1000.0);
    }
}
