package dev.millpond.benchmarks.jmh;

import dev.millpond.http.message.EncodedRequest;
import dev.millpond.http.message.RequestEncoder;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From HttpCore's message, prepared, to the bytes that go out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncodeBenchmark {

    private static final String URL = "http://localhost:8080/some/path?query=1";

    private final ClassicHttpRequest get = ClassicRequestBuilder.get(URL)
            .addHeader("Accept", "application/json")
            .addHeader("Accept-Language", "en")
            .build();
    private final ClassicHttpRequest post = ClassicRequestBuilder.post(URL)
            .addHeader("Accept", "application/json")
            .setEntity("x".repeat(100), ContentType.APPLICATION_JSON)
            .build();

    @Benchmark
    public EncodedRequest get() throws HttpException, IOException {
        return RequestEncoder.encode(get);
    }

    /** With a body of 100 bytes. */
    @Benchmark
    public EncodedRequest post() throws HttpException, IOException {
        return RequestEncoder.encode(post);
    }

    /** What an application does besides: building the message. */
    @Benchmark
    public EncodedRequest buildAndGet() throws HttpException, IOException {
        return RequestEncoder.encode(ClassicRequestBuilder.get(URL)
                .addHeader("Accept", "application/json")
                .addHeader("Accept-Language", "en")
                .build());
    }
}
