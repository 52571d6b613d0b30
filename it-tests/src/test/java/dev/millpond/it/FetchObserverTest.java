package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import dev.millpond.http.observe.CallObserver;
import dev.millpond.http.observe.EndedCall;
import dev.millpond.http.observe.EndedCall.Outcome;
import dev.millpond.http.observe.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fetch that ends is counted, and told of, once, and before its future completes. */
@Timeout(60)
class FetchObserverTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final Millpond millpond = Millpond.create();
    private final List<EndedCall> ended = new CopyOnWriteArrayList<>();
    private final CallObserver observer = ended::add;

    @BeforeEach
    void observe() {
        millpond.addObserver(observer);
    }

    @AfterEach
    void close() {
        millpond.close();
    }

    @Test
    void theExchangeIdIsTheSameForAllWhoAsk() throws Exception {
        List<String> ids = new CopyOnWriteArrayList<>();
        try (RawServer server = RawServer.answering(OK);
                Millpond asking = Millpond.builder()
                        .addRequestInterceptorLast((request, entity, context) ->
                                ids.add(HttpClientContext.cast(context).getExchangeId()))
                        .addResponseInterceptorLast((response, entity, context) ->
                                ids.add(HttpClientContext.cast(context).getExchangeId()))
                        .build()) {
            asking.addObserver(call -> ids.add(call.exchangeId()));
            asking.fetch(get(server)).join();
            assertThat(ids).hasSize(3).doesNotContainNull();
            assertThat(Set.copyOf(ids)).hasSize(1);
        }
    }

    @Test
    void aResponseIsASuccessWhateverItsStatus() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 404 Nix\r\nContent-Length: 0\r\n\r\n")) {
            HttpClientContext context = HttpClientContext.create();
            millpond.fetch(get(server), FetchOptions.defaults().context(context))
                    .join();
            EndedCall call = onlyCall();
            assertThat(call.exchangeId()).isEqualTo(context.getExchangeId());
            assertThat(call.method()).isEqualTo("GET");
            assertThat(call.target()).isEqualTo(new HttpHost("http", "localhost", server.port()));
            assertThat(call.status()).isEqualTo(404);
            assertThat(call.exchanges()).isEqualTo(1);
            assertThat(call.elapsed()).isPositive();
            assertThat(call.outcome()).isEqualTo(Outcome.SUCCEEDED);
            assertThat(call.failure()).isNull();
            assertThat(call.failureKind()).isNull();
            assertCounts(0, 1, 0, 0);
        }
    }

    @Test
    void redirectsAreExchangesOfOneCall() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
            peer.readRequest();
            peer.write(OK);
            peer.awaitClose();
        })) {
            millpond.fetch(get(server)).join();
            assertThat(onlyCall().exchanges()).isEqualTo(2);
            assertThat(onlyCall().status()).isEqualTo(200);
        }
    }

    @Test
    void aFailureIsOfAKind() throws Exception {
        try (RefusingPort port = new RefusingPort()) {
            Throwable failure = failure(millpond.fetch(ClassicRequestBuilder.post("http://localhost:" + port.number())
                    .build()));
            assertThat(onlyCall().failure()).isSameAs(failure);
        }
        assertThat(onlyCall().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(onlyCall().failureKind()).isEqualTo(FailureKind.CONNECT);
        assertThat(onlyCall().status()).isZero();
        assertCounts(0, 0, 1, 0);
    }

    @Test
    void whatAHandlerThrowsIsAFailureWithTheStatus() throws Exception {
        try (RawServer server = RawServer.answering(OK)) {
            failure(millpond.fetch(get(server), response -> {
                throw new IllegalArgumentException("no good");
            }));
            assertThat(onlyCall().failureKind()).isEqualTo(FailureKind.OTHER);
            assertThat(onlyCall().status()).isEqualTo(200);
        }
    }

    @Test
    void cancelledIsNeitherSucceededNorFailed() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            assertCounts(1, 0, 0, 0);
            waiting.cancel(true);
            assertThat(onlyCall().outcome()).isEqualTo(Outcome.CANCELLED);
            assertThat(onlyCall().failure()).isInstanceOf(CancellationException.class);
            assertThat(onlyCall().failureKind()).isEqualTo(FailureKind.CANCELLED);
            assertCounts(0, 0, 0, 1);
        }
    }

    @Test
    void closingFailsWhatIsInFlight() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            millpond.close();
            failure(waiting);
            assertThat(onlyCall().failureKind()).isEqualTo(FailureKind.CLOSED);
            assertCounts(0, 0, 1, 0);
        }
    }

    @Test
    void theDeadlineIsAKindOfItsOwn() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> peer.awaitClose())) {
            failure(millpond.fetch(get(server), FetchOptions.defaults().deadline(Duration.ofMillis(50))));
            assertThat(onlyCall().failureKind()).isEqualTo(FailureKind.DEADLINE);
        }
    }

    @Test
    void anObserverThatThrowsDoesNoHarmToOthers() throws Exception {
        millpond.removeObserver(observer);
        millpond.addObserver(call -> {
            throw new AssertionError("no good");
        });
        millpond.addObserver(observer);
        try (RawServer server = RawServer.answering(OK)) {
            assertThat(millpond.fetch(get(server)).join().getCode()).isEqualTo(200);
            assertThat(onlyCall().outcome()).isEqualTo(Outcome.SUCCEEDED);
        }
    }

    @Test
    void anObserverThatWasRemovedIsToldNoMore() throws Exception {
        millpond.removeObserver(observer);
        try (RawServer server = RawServer.answering(OK)) {
            millpond.fetch(get(server)).join();
            assertThat(ended).isEmpty();
            assertCounts(0, 1, 0, 0);
        }
    }

    @Test
    void thereMustBeAnObserver() {
        assertThatThrownBy(() -> millpond.addObserver(null)).hasMessage("observer");
    }

    private EndedCall onlyCall() {
        assertThat(ended).hasSize(1);
        return ended.get(0);
    }

    private void assertCounts(int inFlight, int succeeded, int failed, int cancelled) {
        assertThat(millpond.stats().callsInFlight()).isEqualTo(inFlight);
        assertThat(millpond.stats().callsSucceeded()).isEqualTo(succeeded);
        assertThat(millpond.stats().callsFailed()).isEqualTo(failed);
        assertThat(millpond.stats().callsCancelled()).isEqualTo(cancelled);
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }
}
