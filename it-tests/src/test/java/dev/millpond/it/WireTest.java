package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.http.Millpond;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a server may put on the wire, each case in several segmentations, twice in a row: the second fetch shows whether
 * the connection was reused, and that nothing of the first response got into it.
 */
@Timeout(60)
class WireTest {

    private static final Millpond MILLPOND = Millpond.builder().disableRetries().build();
    private static final String NEXT = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

    /** How a response is cut into segments: one, many of one byte, or halves. */
    enum Segments {
        WHOLE {
            @Override
            void send(RawServer.Peer peer, byte[] bytes) throws Exception {
                peer.write(bytes);
            }
        },
        BYTES {
            @Override
            void send(RawServer.Peer peer, byte[] bytes) throws Exception {
                for (byte b : bytes) {
                    peer.write(new byte[] {b});
                }
            }
        },
        HALVES {
            @Override
            void send(RawServer.Peer peer, byte[] bytes) throws Exception {
                int half = bytes.length / 2;
                peer.write(java.util.Arrays.copyOf(bytes, half));
                Thread.sleep(20); // so that the halves come in two reads
                peer.write(java.util.Arrays.copyOfRange(bytes, half, bytes.length));
            }
        };

        abstract void send(RawServer.Peer peer, byte[] bytes) throws Exception;
    }

    record Case(String name, String method, String wire, String outcome, boolean reused, Segments segments) {
        @Override
        public String toString() {
            return name + " in " + segments;
        }
    }

    private static Stream<Case> of(String name, String method, String wire, String outcome, boolean reused) {
        return Stream.of(Segments.values()).map(each -> new Case(name, method, wire, outcome, reused, each));
    }

    static List<Case> cases() {
        String head = "HTTP/1.1 200 OK\r\n";
        return Stream.of(
                        of("a length", "GET", head + "Content-Length: 5\r\n\r\nhello", "200 hello", true),
                        of("length 0", "GET", head + "Content-Length: 0\r\n\r\n", "200 ", true),
                        of(
                                "chunks",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                "200 hello",
                                true),
                        of(
                                "trailers",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
                                "200 hello",
                                true),
                        of(
                                "extensions",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0;c\r\n\r\n",
                                "200 hello",
                                true),
                        of("close-delimited", "GET", head + "\r\nhello", "200 hello", false),
                        of("close-delimited, empty", "GET", head + "\r\n", "200 ", false),
                        of("HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello", false),
                        of(
                                "HTTP/1.0 kept alive",
                                "GET",
                                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
                                "200 hello",
                                true),
                        of(
                                "connection: close",
                                "GET",
                                head + "Connection: close\r\nContent-Length: 5\r\n\r\nhello",
                                "200 hello",
                                false),
                        of(
                                "no reason phrase",
                                "GET",
                                "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
                                "200 hello",
                                true),
                        of("bare line feeds", "GET", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "200 hello", true),
                        of("HEAD", "HEAD", head + "Content-Length: 5\r\n\r\n", "200 ", true),
                        of("HEAD, chunked", "HEAD", head + "Transfer-Encoding: chunked\r\n\r\n", "200 ", true),
                        of("204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 ", true),
                        of(
                                "304 with a length",
                                "GET",
                                "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                                "304 ",
                                true),
                        of(
                                "interim",
                                "GET",
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + head
                                        + "Content-Length: 5\r\n\r\nhello",
                                "200 hello",
                                true),
                        of("101", "GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "101 ", false),
                        of(
                                "left over",
                                "GET",
                                head + "Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
                                "200 hello",
                                false),
                        of(
                                "length and chunked",
                                "GET",
                                head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                "200 hello",
                                false),
                        of(
                                "two lengths",
                                "GET",
                                head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                                "malformed",
                                false),
                        of("negative length", "GET", head + "Content-Length: -1\r\n\r\nhello", "malformed", false),
                        of(
                                "huge length",
                                "GET",
                                head + "Content-Length: 9223372036854775808\r\n\r\nhello",
                                "malformed",
                                false),
                        of(
                                "gzip coding",
                                "GET",
                                head + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                "malformed",
                                false),
                        of(
                                "signed chunk",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
                                "malformed",
                                false),
                        of(
                                "overlong chunk",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
                                "malformed",
                                false),
                        of("not HTTP", "GET", "SSH-2.0-OpenSSH_9.2\r\n", "malformed", false),
                        of("cut in the head", "GET", head + "Content-Le", "truncated", false),
                        of("cut in the body", "GET", head + "Content-Length: 5\r\n\r\nhel", "truncated", false),
                        of(
                                "cut in a chunk",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
                                "truncated",
                                false),
                        of(
                                "cut in a chunk header",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5",
                                "truncated",
                                false),
                        of(
                                "cut in the last chunk",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0",
                                "truncated",
                                false),
                        of(
                                "cut before the last line",
                                "GET",
                                head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                                "truncated",
                                false),
                        of("nothing", "GET", "", "none", false))
                .flatMap(each -> each)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void eachHasItsOutcome(Case wire) throws Exception {
        boolean ends = List.of("truncated", "none").contains(wire.outcome())
                || wire.name().startsWith("close-delimited");
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            if (connection == 0) {
                wire.segments().send(peer, wire.wire().getBytes(ISO_8859_1));
                if (ends) {
                    peer.shutdownOutput();
                    peer.awaitClose();
                    return;
                }
                if (peer.readRequest().isEmpty()) {
                    return;
                }
            }
            peer.write(NEXT);
            peer.awaitClose();
        })) {
            assertThat(outcome(server, wire.method())).isEqualTo(wire.outcome());
            if (wire.name().startsWith("left over")) {
                // Surplus that comes after the next request has gone out looks like its answer: HTTP/1.1 can't tell.
                assertThat(server.awaitEnd()).isZero();
            }
            assertThat(outcome(server, "GET")).isEqualTo("200 next");
            assertThat(server.connections()).isEqualTo(wire.reused() ? 1 : 2);
        }
    }

    private static String outcome(RawServer server, String method) throws Exception {
        try {
            ClassicHttpResponse response = MILLPOND.fetch(ClassicRequestBuilder.create(method)
                            .setUri(server.url())
                            .build())
                    .get(30, TimeUnit.SECONDS);
            return response.getCode() + " " + EntityUtils.toString(response.getEntity());
        } catch (java.util.concurrent.ExecutionException e) {
            return failure(java.util.Objects.requireNonNull(e.getCause()));
        }
    }

    private static String failure(Throwable failure) {
        if (failure instanceof IncompleteResponseException) {
            return "truncated";
        }
        if (failure instanceof NoHttpResponseException) {
            return "none";
        }
        return failure instanceof ProtocolException ? "malformed" : failure.toString();
    }

    @AfterAll
    static void close() {
        MILLPOND.close();
    }
}
