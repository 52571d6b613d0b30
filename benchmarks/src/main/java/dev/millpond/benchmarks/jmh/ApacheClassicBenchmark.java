package dev.millpond.benchmarks.jmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a request takes in Apache's classic client itself, over sockets that answer from memory: no drop-in can make it
 * less.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ApacheClassicBenchmark {

    private static final String URL = "http://localhost:8080/small";
    private static final byte[] RESPONSE = Wire.SMALL.bytes();

    private final CloseableHttpClient client =
            HttpClients.custom().setConnectionManager(overMemory()).build();

    @Benchmark
    public byte[] get() throws IOException {
        return client.execute(
                ClassicRequestBuilder.get(URL).build(), response -> EntityUtils.toByteArray(response.getEntity()));
    }

    @TearDown
    public void close() throws IOException {
        client.close();
    }

    private static PoolingHttpClientConnectionManager overMemory() {
        return new PoolingHttpClientConnectionManagerBuilder() {
            @Override
            protected HttpClientConnectionOperator createConnectionOperator(
                    SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
                return new DefaultHttpClientConnectionOperator(
                        proxy -> new MemorySocket(),
                        ports,
                        names,
                        RegistryBuilder.<TlsSocketStrategy>create().build());
            }
        }.build();
    }

    /** Each read is a whole response. */
    private static final class MemorySocket extends Socket {

        @Override
        public void connect(SocketAddress address, int timeoutMillis) {}

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() {
                    throw new UnsupportedOperationException("one byte at a time");
                }

                @Override
                public int read(byte[] target, int offset, int length) {
                    System.arraycopy(RESPONSE, 0, target, offset, RESPONSE.length);
                    return RESPONSE.length;
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }
    }
}
