package dev.millpond.benchmarks.jmh;

import dev.millpond.bridge.detect.ResponseDetector;
import dev.millpond.bridge.detect.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where does a response end? The detector only answers that. Netty's decoder and HttpCore's parser make a message
 * besides, and are the usual way to the answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DetectorBenchmark {

    @Param
    public Wire wire = Wire.SMALL;

    private byte[] bytes = {};
    private final byte[] drained = new byte[8 << 10];

    private final ResponseDetector detector = new ResponseDetector();
    private final EmbeddedChannel netty = new EmbeddedChannel(new HttpResponseDecoder());
    private final SessionInputBufferImpl buffer = new SessionInputBufferImpl(8 << 10);
    private final DefaultHttpResponseParser parser = new DefaultHttpResponseParser();
    private ByteBuf input = Unpooled.EMPTY_BUFFER;

    @Setup
    public void makeBytes() {
        bytes = wire.bytes();
        input = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes));
    }

    @Benchmark
    public long detector() {
        detector.expect("GET");
        if (detector.examine(bytes, 0, bytes.length) != Verdict.COMPLETE) {
            throw new IllegalStateException("not complete");
        }
        return detector.received();
    }

    @Benchmark
    public boolean nettyDecoder() {
        netty.writeInbound(input.duplicate());
        boolean complete = false;
        for (Object part = netty.readInbound(); part != null; part = netty.readInbound()) {
            complete = part instanceof LastHttpContent;
            ReferenceCountUtil.release(part);
        }
        if (!complete) {
            throw new IllegalStateException("not complete");
        }
        return complete;
    }

    @Benchmark
    public long httpCoreParser() throws IOException, HttpException {
        ByteArrayInputStream source = new ByteArrayInputStream(bytes);
        ClassicHttpResponse response = Objects.requireNonNull(parser.parse(buffer, source));
        long length = DefaultContentLengthStrategy.INSTANCE.determineLength(response);
        long read = 0;
        try (InputStream body = length >= 0
                ? new ContentLengthInputStream(buffer, source, length)
                : new ChunkedInputStream(buffer, source)) {
            for (int count = body.read(drained); count >= 0; count = body.read(drained)) {
                read += count;
            }
        }
        return read;
    }

    @TearDown(Level.Trial)
    public void close() {
        netty.finishAndReleaseAll();
    }
}
