package dev.millpond.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrkTest {

    private static final String OUTPUT = """
            Running 1s test @ http://127.0.0.1:8080/small
              1 threads and 64 connections
              Thread Stats   Avg      Stdev     Max   +/- Stdev
                Latency   620.98us   28.55us   1.57ms   94.36%
                Req/Sec   103.17k     1.80k  104.80k    80.00%
              Latency Distribution
                 50%  616.00us
                 75%  620.00us
                 90%  629.00us
                 99%    1.25ms
              112940 requests in 1.10s, 47.07MB read
              Socket errors: connect 0, read 1, write 0, timeout 2
            Requests/sec: 102670.05
            Transfer/sec:     42.79MB
            0m0.000000s 0m0.001000s
            0m0.310000s 0m0.700000s""";

    @Test
    void readsWhatItPrints() {
        assertThat(Wrk.parse(OUTPUT))
                .isEqualTo(new Sample(112_940, 3, 1_100_000_000, 616_000, 1_250_000, 1_010_000_000, -1, -1, -1));
    }
}
