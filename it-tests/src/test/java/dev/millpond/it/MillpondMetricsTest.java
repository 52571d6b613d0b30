package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millpond.http.Millpond;
import dev.millpond.micrometer.MillpondMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MillpondMetricsTest {

    private static final int LARGE = 1 << 20;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Millpond millpond =
            Millpond.builder().maxConnectionsTotal(1).disableRetries().build();
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/hello", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(US_ASCII));
            exchange.close();
        });
        server.createContext("/large", exchange -> {
            exchange.sendResponseHeaders(200, LARGE);
            exchange.getResponseBody().write(new byte[LARGE]);
            exchange.close();
        });
        server.createContext("/later", exchange -> {
            try {
                mayAnswer.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.setExecutor(executor);
        server.start();
    }

    @AfterEach
    void close() {
        mayAnswer.countDown();
        millpond.close();
        server.stop(0);
        executor.shutdownNow();
    }

    @Test
    void callsAreTimedByHowTheyEnd() {
        new MillpondMetrics(millpond, Tags.of("client", "mine")).bindTo(registry);
        millpond.fetch(get("/hello")).join();
        millpond.fetch(get("/hello")).join();
        millpond.fetch(get("/nowhere?secret=1")).join();
        assertThat(registry.get("millpond.calls")
                        .tags("client", "mine", "method", "GET", "status", "200", "outcome", "SUCCESS")
                        .tags("failure", "none", "target.host", "localhost")
                        .timer()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("millpond.calls")
                        .tags("status", "404", "outcome", "CLIENT_ERROR", "failure", "none")
                        .timer()
                        .totalTime(TimeUnit.NANOSECONDS))
                .isPositive();
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getTag("client")).isEqualTo("mine"));
    }

    @Test
    void failuresAreToldApartByKind() throws IOException {
        new MillpondMetrics(millpond).bindTo(registry);
        try (RefusingPort port = new RefusingPort()) {
            ClassicHttpRequest refused = ClassicRequestBuilder.post("http://127.0.0.1:" + port.number() + "/")
                    .build();
            assertThatThrownBy(() -> millpond.fetch(refused).join()).isInstanceOf(CompletionException.class);
        }
        assertThat(registry.get("millpond.calls")
                        .tags("method", "POST", "status", "NONE", "outcome", "UNKNOWN", "failure", "connect")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whatIsGoingOnIsMeasured() throws Exception {
        new MillpondMetrics(millpond).bindTo(registry);
        millpond.fetch(get("/hello")).join();
        assertThat(gauge("millpond.connections.idle")).isEqualTo(1);
        CompletableFuture<ClassicHttpResponse> first = millpond.fetch(get("/later"));
        CompletableFuture<ClassicHttpResponse> second = millpond.fetch(get("/later"));
        assertThat(gauge("millpond.calls.active")).isEqualTo(2);
        assertThat(gauge("millpond.connections.leased")).isEqualTo(1);
        assertThat(gauge("millpond.connections.idle")).isZero();
        assertThat(gauge("millpond.connections.pending")).isEqualTo(1);
        mayAnswer.countDown();
        first.get(30, TimeUnit.SECONDS);
        second.get(30, TimeUnit.SECONDS);
        assertThat(gauge("millpond.calls.active")).isZero();
        assertThat(gauge("millpond.connections.leased")).isZero();
        assertThat(counter("millpond.connections.opened")).isEqualTo(1);
        assertThat(counter("millpond.connections.reused")).isEqualTo(2);
    }

    @Test
    void bytesAndMemoryAreMeasured() {
        new MillpondMetrics(millpond).bindTo(registry);
        ClassicHttpResponse response = millpond.fetch(post("/hello")).join();
        assertThat(counter("millpond.received"))
                .isEqualTo((double) millpond.stats().bytesReceived());
        assertThat(counter("millpond.received")).isGreaterThan("hello".length());
        assertThat(counter("millpond.sent")).isEqualTo((double) millpond.stats().bytesSent());
        assertThat(counter("millpond.sent")).isGreaterThan("question".length());
        assertThat(gauge("millpond.memory.used"))
                .isEqualTo((double) millpond.stats().memoryUsed());
        assertThat(gauge("millpond.memory.max"))
                .isEqualTo((double) millpond.stats().memoryBudget());
        assertThat(response.getCode()).isEqualTo(200);
    }

    @Test
    void spillsAreMeasured() throws IOException {
        try (Millpond spilling = Millpond.builder().spillThreshold(1000).build()) {
            new MillpondMetrics(spilling).bindTo(registry);
            ClassicHttpResponse response = spilling.fetch(get("/large")).join();
            assertThat(gauge("millpond.spilled.active")).isEqualTo(1);
            response.close();
            assertThat(gauge("millpond.spilled.active")).isZero();
            assertThat(counter("millpond.spilled")).isEqualTo(1);
        }
    }

    @Test
    void hostsAreLeftOutOnRequest() {
        new MillpondMetrics(millpond).withoutHosts().bindTo(registry);
        millpond.fetch(get("/hello")).join();
        Meter calls = registry.get("millpond.calls").meter();
        assertThat(calls.getId().getTag("target.host")).isNull();
        assertThat(calls.getId().getTag("method")).isEqualTo("GET");
    }

    @Test
    void methodsThatNobodyKnowsCountAsOne() {
        new MillpondMetrics(millpond).bindTo(registry);
        for (String method : new String[] {"BREW", "WHEN"}) {
            millpond.fetch(ClassicRequestBuilder.create(method)
                            .setUri(url("/hello"))
                            .build())
                    .join();
        }
        assertThat(registry.get("millpond.calls").tag("method", "OTHER").timer().count())
                .isEqualTo(2);
    }

    @Test
    void closingTakesAllMetersOutAndNoMoreComeIn() {
        MillpondMetrics metrics = new MillpondMetrics(millpond);
        metrics.bindTo(registry);
        millpond.fetch(get("/hello")).join();
        assertThat(registry.getMeters()).hasSizeGreaterThan(10);
        metrics.close();
        metrics.close();
        millpond.fetch(get("/hello")).join();
        assertThat(registry.getMeters()).isEmpty();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private double counter(String name) {
        return registry.get(name).functionCounter().count();
    }

    private String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private ClassicHttpRequest get(String path) {
        return ClassicRequestBuilder.get(url(path)).build();
    }

    private ClassicHttpRequest post(String path) {
        return ClassicRequestBuilder.post(url(path))
                .setEntity(new StringEntity("question"))
                .build();
    }
}
