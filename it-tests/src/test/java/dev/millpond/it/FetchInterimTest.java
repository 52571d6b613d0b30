package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.http.FetchOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.Test;

/** Interim responses, and bodies that wait for one: {@code Expect: 100-continue}. */
class FetchInterimTest extends FetchTestBase {

    @Test
    void theBodyIsSentAtTheHundred() throws Exception {
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String head = peer.readHead(); !head.isEmpty(); head = peer.readHead()) {
                seen.add(head);
                peer.write("HTTP/1.1 100 Continue\r\n\r\n");
                seen.add(new String(peer.in().readNBytes(5), ISO_8859_1));
                peer.write(OK);
            }
        })) {
            for (int i = 0; i < 2; i++) {
                assertThat(body(millpond.fetch(expecting(server)))).isEqualTo("hello");
                assertThat(seen.take()).contains("Expect: 100-continue\r\n");
                assertThat(seen.take()).isEqualTo("abcde");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void theBodyIsSentWithoutAHundredToo() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest(); // with its body
            peer.write(OK);
            peer.awaitClose();
        })) {
            assertThat(body(millpond.fetch(expecting(server)))).isEqualTo("hello");
        }
    }

    @Test
    void theBodyIsNotSentWhereAFinalResponseComesFirst() throws Exception {
        LinkedBlockingQueue<Integer> rest = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readHead();
            peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
            try {
                rest.add(peer.read());
            } catch (IOException e) {
                rest.add(-1);
            }
        })) {
            ClassicHttpResponse response = millpond.fetch(expecting(server)).join();
            assertThat(response.getCode()).isEqualTo(413);
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            assertThat(rest.take()).isEqualTo(-1);
            assertThat(millpond.stats().connectionsIdle()).isZero();
        }
    }

    @Test
    void cancellingWhileItWaitsForAHundredClosesTheConnection() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readHead();
            waiting.countDown();
            peer.awaitClose();
        })) {
            CompletableFuture<ClassicHttpResponse> response = millpond.fetch(expecting(server));
            assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
            response.cancel(true);
            assertThat(server.awaitEnd()).isZero();
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void interimResponsesComeInOrderBeforeTheResponse() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        StringBuilder wire = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            wire.append("HTTP/1.1 103 Early Hints\r\nLink: ").append(i).append("\r\n\r\n");
        }
        try (RawServer server = RawServer.answering("HTTP/1.1 100 Continue\r\n\r\n" + wire + OK)) {
            FetchOptions options = FetchOptions.defaults()
                    .onInterim(hints -> seen.add(
                            hints.getCode() + hints.getFirstHeader("Link").getValue()));
            millpond.fetch(get(server), options, response -> seen.add("200")).join();
            assertThat(seen)
                    .containsExactly(
                            "1030", "1031", "1032", "1033", "1034", "1035", "1036", "1037", "1038", "1039", "200");
        }
    }

    @Test
    void whatAListenerThrowsFailsTheFetch() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 103 Early Hints\r\n\r\n" + OK)) {
            FetchOptions options = FetchOptions.defaults().onInterim(hints -> {
                throw new IllegalStateException("no");
            });
            assertThat(failure(millpond.fetch(get(server), options))).hasMessage("no");
            await(() -> millpond.stats().connectionsLeased() == 0);
        }
    }
}
