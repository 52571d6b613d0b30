package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hc.client5.http.impl.ConnectionShutdownException;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;

/** Fetches that are sent again: {@code RetryStage}. */
class FetchRetryTest extends FetchTestBase {

    private static final String LATER = "HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 4\r\n\r\nlate";

    @Test
    void cancellingWhileItWaitsToRetryEndsAll() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            await(() ->
                    millpond.stats().connectionsIdle() == 1 && millpond.stats().memoryUsed() == 0);
            waiting.cancel(true);
            assertThatThrownBy(waiting::join).isInstanceOf(CancellationException.class);
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void closingWhileItWaitsToRetryFailsIt() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            CompletableFuture<ClassicHttpResponse> waiting = millpond.fetch(get(server));
            await(() -> millpond.stats().connectionsIdle() == 1);
            millpond.close();
            assertThat(failure(waiting)).isInstanceOf(ConnectionShutdownException.class);
        }
    }

    @Test
    void theDeadlineCoversTheWaitToRetry() throws Exception {
        try (RawServer server = RawServer.answering(LATER)) {
            assertThat(failure(
                            millpond.fetch(get(server), FetchOptions.defaults().deadline(Duration.ofSeconds(2)))))
                    .isInstanceOf(ResponseDeadlineException.class)
                    .hasMessage(
                            "response not complete within 2 s (responseDeadline): waiting to send the request again");
        }
    }

    @Test
    void aTruncatedResponseIsFetchedAgainIfTheRequestIsIdempotent() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write(connection == 0 ? OK.substring(0, OK.length() - 2) : OK);
                });
                Millpond hasty = Millpond.builder()
                        .retryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ZERO_MILLISECONDS))
                        .build()) {
            assertThat(body(hasty.fetch(get(server)))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void whatCannotBeRepeatedIsNotSentTwice() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            requests.add(peer.readRequest()); // and closes
        })) {
            ClassicHttpRequest request = ClassicRequestBuilder.put(server.url())
                    .setEntity(new InputStreamEntity(
                            new ByteArrayInputStream(new byte[5]), 5, ContentType.APPLICATION_OCTET_STREAM))
                    .build();
            assertThat(failure(millpond.fetch(request))).isInstanceOf(NoHttpResponseException.class);
            assertThat(requests).hasSize(1);
        }
    }
}
