package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of fetches. */
@Timeout(60)
class FetchRecordingTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    @TempDir
    private Path dir;

    private final Millpond millpond = Millpond.create();
    private final Recording recording = new Recording();

    @BeforeEach
    void record() {
        recording.enable("dev.millpond.Exchange");
        recording.enable("dev.millpond.Lease");
        recording.enable("dev.millpond.Connect");
        recording.start();
    }

    @AfterEach
    void close() {
        recording.close();
        millpond.close();
    }

    @Test
    void anExchangeItsLeaseAndItsConnectionAreRecorded() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            HttpClientContext context = HttpClientContext.create();
            FetchOptions options = FetchOptions.defaults().context(context);
            ClassicHttpRequest request = ClassicRequestBuilder.get(server.url("/a;session=1?secret=2"))
                    .addHeader("Authorization", "Bearer secret")
                    .build();
            millpond.fetch(request, options).join();
            String first = context.getExchangeId();
            millpond.fetch(request, options).join();

            List<RecordedEvent> exchanges = recorded("dev.millpond.Exchange", server.port());
            assertThat(exchanges).hasSize(2);
            RecordedEvent exchange = exchanges.get(0);
            assertThat(exchange.getString("exchangeId")).isEqualTo(first);
            assertThat(exchange.getString("method")).isEqualTo("GET");
            assertThat(exchange.getString("target")).isEqualTo("http://localhost:" + server.port() + "/a");
            assertThat(exchange.getString("route")).contains("localhost:" + server.port());
            assertThat(exchange.getInt("status")).isEqualTo(200);
            assertThat(exchange.getLong("bytes")).isEqualTo(OK.length());
            assertThat(exchange.getDuration()).isPositive();
            assertThat(exchange.getString("failure")).isNull();
            assertThat(exchange.getStackTrace()).isNull();

            List<RecordedEvent> leases = recorded("dev.millpond.Lease", server.port());
            assertThat(leases).extracting(lease -> lease.getBoolean("reused")).containsExactly(false, true);
            assertThat(leases.get(1).getString("exchangeId")).isEqualTo(context.getExchangeId());
            List<RecordedEvent> connects = recorded("dev.millpond.Connect", server.port());
            assertThat(connects).hasSize(1);
            assertThat(connects.get(0).getString("exchangeId")).isEqualTo(first);
            assertThat(connects.get(0).getDuration()).isLessThanOrEqualTo(exchange.getDuration());
            assertThat(exchanges.toString() + leases + connects).doesNotContain("secret", "session");
        }
    }

    @Test
    void aFailureToConnectIsRecorded() throws Exception {
        try (RefusingPort port = new RefusingPort()) {
            assertThat(failure(millpond.fetch(ClassicRequestBuilder.post("http://localhost:" + port.number())
                            .build())))
                    .isInstanceOf(ConnectException.class);
            for (String name : List.of("dev.millpond.Exchange", "dev.millpond.Connect")) {
                assertThat(recorded(name, port.number()))
                        .extracting(event -> event.getString("failure"))
                        .containsExactly("org.apache.hc.client5.http.HttpHostConnectException");
            }
        }
    }

    @Test
    void whatIsGoingOnEndsWithTheExchange() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose());
                Millpond single = Millpond.builder().maxConnectionsTotal(1).build()) {
            single.fetch(ClassicRequestBuilder.get(server.url()).build());
            CompletableFuture<ClassicHttpResponse> pending = single.fetch(
                    ClassicRequestBuilder.get(server.url("/pending")).build());
            pending.cancel(true);
            List<RecordedEvent> leases = recorded("dev.millpond.Lease", server.port());
            assertThat(leases).extracting(lease -> lease.getString("failure")).containsExactly(null, "cancelled");
            assertThat(recorded("dev.millpond.Exchange", server.port()))
                    .extracting(exchange -> exchange.getString("failure"))
                    .containsExactly("cancelled");
        }
    }

    /** Of those to that port: what other tests have left may still be coming to its end. */
    private List<RecordedEvent> recorded(String name, int port) throws IOException {
        Path file = dir.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .filter(event -> event.getString("route").endsWith("localhost:" + port + "]"))
                .sorted(Comparator.comparing(RecordedEvent::getEndTime))
                .toList();
    }
}
