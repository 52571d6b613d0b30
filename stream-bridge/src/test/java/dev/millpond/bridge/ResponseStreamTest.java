package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.TlsTruncationException;
import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseStreamTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final ScriptedSocket socket = new ScriptedSocket();
    private final int[] closes = {0};
    private final ResponseStream stream =
            ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> closes[0]++, socket::nanoTime);
    private long maxResponseSize = 1000;

    @Test
    void aResponseIsThereWhenItsLastByteIsAndNotBefore() throws Exception {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        for (byte b : OK.getBytes(ISO_8859_1)) {
            assertThat(response).isNotDone();
            socket.receive(new byte[] {b});
        }
        assertThat(response).isCompleted();
        assertThat(text(response)).isEqualTo(OK);
        assertThat(response.join().reusable()).isTrue();
        assertThat(response.join().framing()).isEqualTo(Framing.CONTENT_LENGTH);
        assertThat(response.join().bodySize()).isEqualTo(5);
    }

    @Test
    void nothingIsReadBeforeTheFirstRequestAndAlwaysAfter() {
        CompletableFuture<CompleteResponse> response = stream.expect("GET", limits(), socket.nanoTime());
        assertThat(socket.reading).isFalse();
        stream.write(bytes("GET / HTTP/1.1\r\n\r\n"));
        assertThat(socket.reading).isTrue();
        socket.receive(OK);
        assertThat(response).isCompleted();
        assertThat(socket.reading).isTrue();
    }

    @Test
    void oneResponseAfterTheOther() throws Exception {
        CompletableFuture<CompleteResponse> first = exchange("GET");
        socket.receive(OK);
        CompletableFuture<CompleteResponse> second = exchange("HEAD");
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
        assertThat(text(first)).isEqualTo(OK);
        assertThat(text(second)).endsWith("9\r\n\r\n");
        assertThat(closes[0]).isZero();
    }

    @Test
    void aListenerMayTakeTheHeadAndLeaveTheBody() throws Exception {
        for (int split : new int[] {1, 40, OK.length() - 1, OK.length()}) {
            HeadTaker taker = new HeadTaker();
            stream.expect("GET", limits(), socket.nanoTime(), taker);
            stream.write(bytes("GET / HTTP/1.1\r\n\r\n"));
            socket.receive(OK.substring(0, split));
            if (split < OK.length()) {
                socket.receive(OK.substring(split));
            }
            CompleteResponse response = taker.response.join();
            assertThat(taker.head).isEqualTo(OK.substring(0, response.headLength()));
            assertThat(response.bodyInputStream()).hasContent("hello");
            assertThat(response.size()).isEqualTo(OK.length());
            assertThat(response.bodySize()).isEqualTo(5);
            response.close();
        }
    }

    @Test
    void aHeadThatWasTakenIsNotKept() {
        HeadTaker taker = new HeadTaker();
        stream.expect("GET", limits(), socket.nanoTime(), taker);
        stream.write(bytes("GET / HTTP/1.1\r\n\r\n"));
        socket.receive(OK);
        CompleteResponse response = taker.response.join();
        assertThatThrownBy(response::inputStream)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the head was taken by the response's listener");
        assertThatThrownBy(() -> response.copyHead(new byte[100])).isInstanceOf(IllegalStateException.class);
    }

    private static final class HeadTaker implements ResponseListener {

        private final CompletableFuture<CompleteResponse> response = new CompletableFuture<>();
        private String head = "";

        @Override
        public boolean takesHead(byte[] bytes, int length) {
            head += new String(bytes, 0, length, ISO_8859_1);
            return true;
        }

        @Override
        public void onComplete(CompleteResponse complete) {
            response.complete(complete);
        }

        @Override
        public void onFailure(IOException failure) {
            response.completeExceptionally(failure);
        }
    }

    @Test
    void interimResponsesAreLeftOut() throws Exception {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK);
        assertThat(text(response)).isEqualTo(OK);
        assertThat(response.join().reusable()).isTrue();
    }

    @Test
    void leftOverBytesCloseTheConnectionAndReachNobody() throws Exception {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive(OK + "HTTP/1.1 200 OK\r\n");
        assertThat(text(response)).isEqualTo(OK);
        assertThat(response.join().reusable()).isFalse();
        assertThat(stream.isOpen()).isFalse();
        assertThat(closes[0]).isEqualTo(1);
    }

    @Test
    void bytesOnAnIdleConnectionCloseIt() {
        exchange("GET");
        socket.receive(OK);
        socket.receive("x");
        assertThat(socket.aborted).isTrue();
        assertThat(closes[0]).isEqualTo(1);
        assertThat(failure(exchange("GET")))
                .isInstanceOfSatisfying(NoResponseException.class, e -> assertThat(e.requestSent())
                        .isFalse());
    }

    @Test
    void theEndOfAnIdleConnectionClosesIt() {
        exchange("GET");
        socket.receive(OK);
        socket.end();
        assertThat(stream.isOpen()).isFalse();
        assertThat(closes[0]).isEqualTo(1);
    }

    @Test
    void anEndBeforeTheFirstByteIsNoResponse() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.end();
        assertThat(failure(response)).isInstanceOfSatisfying(NoResponseException.class, e -> assertThat(e.requestSent())
                .isTrue());
    }

    @Test
    void aResetBeforeTheFirstByteIsNoResponseToo() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.fail(new SocketException("connection reset"));
        assertThat(failure(response)).isInstanceOf(NoResponseException.class).hasCauseInstanceOf(SocketException.class);
    }

    @Test
    void aTruncatedResponseFailsWithItsCounts() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
        socket.end();
        assertThat(failure(response))
                .isInstanceOf(IncompleteResponseException.class)
                .hasMessage("response incomplete: received 3 of 5 bytes of the body");
        IncompleteResponseException e = (IncompleteResponseException) failure(response);
        assertThat(e.received()).isEqualTo(3);
        assertThat(e.announced()).isEqualTo(5);
    }

    @Test
    void truncationIsToldApartByWhereItHappened() {
        assertThat(truncated("HTTP/1.1 200 OK\r\nCont"))
                .hasMessage("response incomplete: received 21 bytes of the head");
        assertThat(truncated("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"))
                .hasMessage("response incomplete: received 6 bytes of a chunked body, without its end");
        assertThat(truncated("HTTP/1.1 100 Continue\r\n\r\n"))
                .hasMessage("response incomplete: received 0 bytes of the head");
    }

    @Test
    void aResetWithinACloseDelimitedBodyIsNotItsEnd() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\n\r\nhel");
        socket.fail(new SocketException("connection reset"));
        assertThat(failure(response))
                .isInstanceOf(IncompleteResponseException.class)
                .hasMessage("response incomplete: received 3 bytes of a close-delimited body, without its end")
                .hasCauseInstanceOf(SocketException.class);
    }

    @Test
    void aTlsConnectionThatEndsWithoutGoodbyeIsNotAnEndEither() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\n\r\nhel");
        socket.fail(new TlsTruncationException());
        assertThat(failure(response))
                .isInstanceOf(IncompleteResponseException.class)
                .hasCauseInstanceOf(TlsTruncationException.class);
    }

    @Test
    void aTlsAlertIsTheFailureItself() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.fail(new SSLHandshakeException("bad_certificate"));
        assertThat(failure(response)).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void theEndCompletesACloseDelimitedResponse() throws Exception {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\n\r\nhello");
        assertThat(response).isNotDone();
        socket.end();
        assertThat(text(response)).endsWith("hello");
        assertThat(response.join().reusable()).isFalse();
        assertThat(stream.isOpen()).isFalse();
    }

    @Test
    void aMalformedResponseFailsWithRuleAndOffset() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello");
        assertThat(failure(response))
                .isInstanceOf(MalformedResponseException.class)
                .hasMessageStartingWith("malformed response at byte ");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void aBodyAsLargeAsTheLimitIsFineAndOneByteMoreIsNot() throws Exception {
        maxResponseSize = 5;
        CompletableFuture<CompleteResponse> fits = exchange("GET");
        socket.receive(OK);
        assertThat(text(fits)).isEqualTo(OK);

        maxResponseSize = 4;
        CompletableFuture<CompleteResponse> announced = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assertThat(failure(announced))
                .isInstanceOf(ResponseTooLargeException.class)
                .hasMessage("response too large: maxResponseSize is 4 bytes, content-length announces 5");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void aBodyWithoutALengthIsRefusedWhenItOutgrowsTheLimit() {
        maxResponseSize = 4;
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.receive("HTTP/1.1 200 OK\r\n\r\nhell");
        assertThat(response).isNotDone();
        socket.receive("o");
        assertThat(failure(response)).hasMessage("response too large: maxResponseSize is 4 bytes, received more");
    }

    @Test
    void aHeadRequestMayBeAnsweredWithAnyLength() throws Exception {
        maxResponseSize = 4;
        CompletableFuture<CompleteResponse> response = exchange("HEAD");
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n");
        assertThat(response.join().bodySize()).isZero();
    }

    @Test
    void silenceFailsAtTheSocketTimeoutCountedFromTheLastByte() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        socket.advance(Duration.ofMillis(900));
        socket.receive("HTTP/1.1 200 OK\r\n");
        socket.advance(Duration.ofMillis(999));
        assertThat(response).isNotDone();
        socket.advance(Duration.ofMillis(1));
        assertThat(failure(response))
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("no byte for 1 s (socketTimeout): received 17 bytes of the head");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void aDripFailsAtTheDeadlineCountedFromTheBeginningOfTheExchange() {
        long startedAt = socket.nanoTime();
        socket.advance(Duration.ofMillis(1500));
        CompletableFuture<CompleteResponse> response = stream.expect("GET", limits(), startedAt);
        stream.write(bytes("GET / HTTP/1.1\r\n\r\n"));
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        for (int i = 0; i < 8; i++) {
            socket.advance(Duration.ofMillis(400));
            assertThat(response).isNotDone();
            socket.receive("x");
        }
        socket.advance(Duration.ofMillis(300));
        assertThat(failure(response))
                .isInstanceOf(ResponseDeadlineException.class)
                .hasMessage("response not complete within 5 s (responseDeadline): received 8 of 100 bytes of the body");
    }

    @Test
    void aThousandExchangesShareOneTimerAndAClosedConnectionHasNone() {
        for (int i = 0; i < 1000; i++) {
            exchange("GET");
            socket.receive(OK);
        }
        assertThat(socket.timersSet).isEqualTo(1);
        exchange("GET");
        socket.end();
        assertThat(socket.pendingTimers()).isZero();
    }

    @Test
    void cancellingTheFutureResetsTheConnection() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        response.cancel(true);
        assertThat(socket.aborted).isTrue();
        assertThat(closes[0]).isEqualTo(1);
    }

    @Test
    void abortFailsWhatIsExpected() {
        CompletableFuture<CompleteResponse> response = exchange("GET");
        stream.abort();
        assertThat(failure(response)).isInstanceOf(SocketException.class).hasMessage("connection closed");
        stream.abort();
        assertThat(closes[0]).isEqualTo(1);
    }

    @Test
    void anEarlyResponseIsDeliveredAndTheConnectionNotReused() throws Exception {
        socket.holdWrites = true;
        CompletableFuture<CompleteResponse> response = exchange("POST");
        socket.receive(OK);
        assertThat(text(response)).isEqualTo(OK);
        assertThat(response.join().reusable()).isFalse();
    }

    @Test
    void aFailedWriteLeavesTheLastWordToThePeer() throws Exception {
        socket.holdWrites = true;
        CompletableFuture<CompleteResponse> response = exchange("POST");
        socket.failWrites(new IOException("broken pipe"));
        assertThat(response).isNotDone();
        assertThat(stream.outputEnded()).isTrue();
        socket.receive(OK);
        assertThat(text(response)).isEqualTo(OK);
    }

    /** A disk may be slow, and the peer can't send what nobody reads. */
    @Test
    void whileAResponseIsBeingSpilledItIsNotThePeerThatIsSilent(@TempDir Path directory) throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        CompletableFuture<CompleteResponse> response = spilling(directory, tasks);
        assertThat(socket.reading).isFalse();
        socket.advance(Duration.ofMillis(3500));
        assertThat(response).isNotDone();

        tasks.take().run(); // spilled
        assertThat(socket.reading).isTrue();
        socket.advance(Duration.ofMillis(999));
        assertThat(response).isNotDone();
        socket.advance(Duration.ofMillis(1));
        assertThat(failure(response))
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessageStartingWith("no byte for 1 s (socketTimeout)");
    }

    @Test
    void theDeadlineHoldsWhileAResponseIsBeingSpilled(@TempDir Path directory) throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        CompletableFuture<CompleteResponse> response = spilling(directory, tasks);
        socket.advance(Duration.ofSeconds(5));
        assertThat(failure(response)).isInstanceOf(ResponseDeadlineException.class);
        tasks.take().run(); // nothing is written to the directory from here on
    }

    @Test
    void onlyOneResponseCanBeExpectedAtATime() {
        stream.expect("GET", limits(), socket.nanoTime());
        assertThatThrownBy(() -> stream.expect("GET", limits(), socket.nanoTime()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a response is expected already");
    }

    /** Half of a response, on its way to a file. */
    private CompletableFuture<CompleteResponse> spilling(Path directory, BlockingQueue<Runnable> tasks) {
        ResponseStorage storage = new ResponseStorage(1000, 10, directory);
        ResponseStream spilling = ResponseStream.over(socket, storage, () -> {}, socket::nanoTime);
        socket.heldTasks = tasks;
        CompletableFuture<CompleteResponse> response = spilling.expect("GET", limits(), socket.nanoTime());
        spilling.write(bytes("GET / HTTP/1.1\r\n\r\n"));
        socket.receive("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + "x".repeat(50));
        return response;
    }

    private CompletableFuture<CompleteResponse> exchange(String method) {
        CompletableFuture<CompleteResponse> response = stream.expect(method, limits(), socket.nanoTime());
        stream.write(bytes(method + " / HTTP/1.1\r\n\r\n"));
        return response;
    }

    private static Throwable truncated(String sent) {
        ResponseStreamTest fresh = new ResponseStreamTest();
        CompletableFuture<CompleteResponse> response = fresh.exchange("GET");
        fresh.socket.receive(sent);
        fresh.socket.end();
        return failure(response);
    }

    private ResponseLimits limits() {
        return new ResponseLimits(maxResponseSize, Duration.ofSeconds(1), Duration.ofSeconds(5));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    private static String text(CompletableFuture<CompleteResponse> response) throws IOException {
        return new String(response.join().inputStream().readAllBytes(), ISO_8859_1);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("expected a failure");
        } catch (CompletionException e) {
            return java.util.Objects.requireNonNull(e.getCause());
        }
    }
}
