package dev.millpond.benchmarks.jmh;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.bridge.ResponseStream;
import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a complete response to HttpCore's message, and to its body. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ParseBenchmark {

    private static final ResponseLimits LIMITS =
            new ResponseLimits(Long.MAX_VALUE, Duration.ofSeconds(10), Duration.ofSeconds(10));

    @Param
    public Wire wire = Wire.SMALL;

    private @Nullable CompleteResponse response;

    /** A complete response comes from a socket and from nowhere else. */
    @Setup
    public void receive() throws IOException {
        byte[] bytes = wire.bytes();
        try (AsyncCore core = AsyncCore.create();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                socket -> socket.write(ByteBuffer.wrap(bytes)))
                        .join()) {
            AsyncSocket socket =
                    core.connect(ConnectOptions.to("127.0.0.1", server.port())).join();
            ResponseStream stream = ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {});
            CompletableFuture<CompleteResponse> future = stream.expect("GET", LIMITS, System.nanoTime());
            stream.write(ByteBuffer.wrap(new byte[] {'\n'}));
            response = future.join();
        }
    }

    @Benchmark
    public ClassicHttpResponse head() throws IOException, HttpException {
        return ResponseParser.parse(received());
    }

    @Benchmark
    public byte[] headAndBody() throws IOException, HttpException {
        return EntityUtils.toByteArray(ResponseParser.parse(received()).getEntity());
    }

    private CompleteResponse received() {
        if (response == null) {
            throw new IllegalStateException("not set up");
        }
        return response;
    }
}
