package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.Millpond;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that never come to an end, of what no length announces, are refused at a limit; others don't notice. */
@Timeout(60)
class EndlessResponseTest extends DropInTestBase {

    private static final String HEAD = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String LONG_FIELD = "X: " + "y".repeat(30_000) + "\r\n";

    /** What is sent once, and then again and again. */
    private record Endless(String name, String first, String again, String rule) {

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Endless> endless() {
        return List.of(
                new Endless("empty lines", "", "\r\n", "empty lines: expected at most 9 before a status line"),
                new Endless("fields", HEAD, "X: y\r\n", "fields: expected at most 99"),
                new Endless("head", HEAD, LONG_FIELD, "head: expected at most 262144 bytes"),
                new Endless("line", HEAD + "X: ", "y".repeat(1000), "line: expected at most 65536 bytes"),
                new Endless(
                        "interim responses",
                        "",
                        "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n",
                        "interim responses: expected at most 100 before a final one"),
                new Endless("chunk extensions", CHUNKED + "5;", "a=b;", "line: expected at most 65536 bytes"),
                new Endless("trailer fields", CHUNKED + "0\r\n", "X: y\r\n", "fields: expected at most 99"),
                new Endless("trailers", CHUNKED + "0\r\n", LONG_FIELD, "trailers: expected at most 65536 bytes"));
    }

    private static RawServer sending(Endless endless) {
        return new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(endless.first());
            while (true) {
                // Until the client closes, and this throws.
                peer.write(endless.again());
            }
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endless")
    void eachIsRefusedAtItsLimitAndOthersAreUndisturbed(Endless endless) throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        try (RawServer server = sending(endless);
                RawServer other = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
                    answer.get(30, TimeUnit.SECONDS);
                    peer.write("llo");
                    peer.awaitClose();
                });
                Millpond millpond = Millpond.builder().eventLoopThreads(1).build()) {
            CompletableFuture<ClassicHttpResponse> inFlight = millpond.fetch(new HttpGet(other.url()));

            assertThat(failure(millpond.fetch(new HttpGet(server.url()))))
                    .isInstanceOf(ProtocolException.class)
                    .cause()
                    .isInstanceOf(MalformedResponseException.class)
                    .hasMessageStartingWith("malformed response at byte ")
                    .hasMessageEndingWith(": " + endless.rule());
            assertThatThrownBy(() -> execute(client(millpond.connectionManagerBuilder()), new HttpGet(server.url())))
                    .rootCause()
                    .isInstanceOf(MalformedResponseException.class)
                    .hasMessageEndingWith(": " + endless.rule());
            server.awaitEnd();
            server.awaitEnd();

            answer.complete(null);
            try (ClassicHttpResponse response = inFlight.get(30, TimeUnit.SECONDS)) {
                assertThat(body(response)).isEqualTo("hello");
            }
            assertThat(millpond.stats().memoryUsed()).isZero();
        }
    }

    /** Through the drop-in; for fetch see MemoryTest. */
    @Test
    void aHugeAnnouncementIsRefusedAtItsHead() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + (1L << 62) + "\r\n\r\n0123456789");
            peer.awaitClose();
        })) {
            assertThatThrownBy(() -> execute(client(), new HttpGet(server.url())))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessage("response too large: maxResponseSize is 17179869184 bytes, content-length announces "
                            + (1L << 62));
            assertThat(server.awaitEnd()).isZero();
        }
    }
}
