package dev.millpond.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

    private static final Cell CELL = new Cell("async-64", "Small, 64", Mode.ASYNC, "/small", 100, 64, false);

    private final Results results = new Results();

    private static Sample sample(long requests, long failures) {
        return new Sample(
                requests, failures, 1_000_000_000, 5_000, 9_000, requests * 20_000, requests * 3_000, 1 << 20, 9);
    }

    private void add(Client client, long... requests) {
        for (int round = 0; round < requests.length; round++) {
            results.add(CELL, client, round, sample(requests[round], 0));
        }
    }

    @Test
    void medianOfOddEvenAndNothing() {
        assertThat(Results.median(DoubleStream.of(9, 1, 2))).isEqualTo(2);
        assertThat(Results.median(DoubleStream.of(9, 1, 2, 4))).isEqualTo(3);
        assertThat(Results.median(DoubleStream.empty())).isNaN();
    }

    @Test
    void theBestPeerIsNeitherMillpondNorALimitNorOneThatFails() {
        add(Client.MILLPOND_FETCH, 900, 900, 900);
        add(Client.RAW_NETTY, 2_000, 2_000, 2_000);
        add(Client.AHC, 500, 700, 600);
        add(Client.JETTY, 100, 990, 300);
        results.add(CELL, Client.VERTX, 0, sample(5_000, 1));

        assertThat(results.bestPeer(CELL, Metric.REQUESTS)).isEqualTo(600);
        assertThat(results.failures()).isEqualTo(1);
    }

    @Test
    void theTableHasMediansRatiosAndFailures() {
        add(Client.AHC, 500, 1_000, 1_000);
        add(Client.MILLPOND_FETCH, 1_200, 1_250, 1_300);
        results.add(CELL, Client.VERTX, 0, sample(10, 2));
        results.add(CELL, Client.WRK, 0, new Sample(3_000, 0, 1_000_000_000, 1, 1, 1, -1, -1, -1));

        assertThat(new Report(results, Map.of()).table(CELL)).isEqualTo("""
                | client | requests/s | CPU, µs/request | allocated, bytes/request | p50, µs | p99, µs | peak threads |
                |---|---:|---:|---:|---:|---:|---:|
                | **Millpond fetch** | 1,250 (1.25) | 20.0 (1.00) | 3,000 (1.00) | 5 (1.00) | 9 (1.00) | 9 (1.00) |
                | AsyncHttpClient | 1,000 (1.00) | 20.0 (1.00) | 3,000 (1.00) | 5 (1.00) | 9 (1.00) | 9 (1.00) |
                | Vert.x (2 failures) | 10 (0.01) | 20.0 (1.00) | 3,000 (1.00) | 5 (1.00) | 9 (1.00) | 9 (1.00) |
                | *wrk* | 3,000 (3.00) | 0.0 (0.00) | – | 0 (0.00) | 0 (0.00) | – |
                """);
    }

    @Test
    void theReportRefersToChartsThatAreWellFormed(@TempDir Path directory) throws Exception {
        add(Client.AHC, 500);
        add(Client.MILLPOND_FETCH, 1_200);

        new Report(results, Map.of("JDK", "17")).write(directory);

        assertThat(directory.resolve("README.md"))
                .content()
                .contains("| JDK | 17 |", "## Small, 64", "(async-64-requests.svg)", "(async-64-cpu.svg)");
        assertThat(directory.resolve("results.csv")).content().contains("async-64,ahc,0,500,0,1000000000,");
        for (String chart : new String[] {"async-64-requests.svg", "async-64-cpu.svg"}) {
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Files.newInputStream(directory.resolve(chart)));
        }
    }

    @Test
    void samplesSurviveTheirWayBetweenProcesses() {
        Sample sample = new Sample(1, 2, 3, 4, 5, 6, 7, 8, Sample.UNKNOWN);

        assertThat(Sample.fromCsv(sample.toCsv())).isEqualTo(sample);
    }
}
