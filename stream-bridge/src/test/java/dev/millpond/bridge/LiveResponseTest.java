package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.detect.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Responses that are read while they arrive, and the queue through which blocking code gets them. */
@Timeout(300)
class LiveResponseTest {

    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final ResponseLimits LIMITS = new ResponseLimits(100, Duration.ofSeconds(1), Duration.ofSeconds(5));

    private final ScriptedSocket socket = new ScriptedSocket();
    private final ResponseStream stream =
            ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {}, socket::nanoTime);
    private final List<String> heads = new ArrayList<>();
    private final ResponseQueue queue = new ResponseQueue(socket, head -> {
        heads.add(new String(head, ISO_8859_1));
        return heads.get(heads.size() - 1).contains("event-stream");
    });

    private void request(String method) {
        stream.expect(method, LIMITS, socket.nanoTime(), queue);
        stream.write(ByteBuffer.wrap((method + " / HTTP/1.1\r\n\r\n").getBytes(ISO_8859_1)));
    }

    private LiveResponse live() throws IOException {
        return (LiveResponse) queue.take();
    }

    private static String read(ReceivedResponse response, int count) throws IOException {
        return new String(response.inputStream().readNBytes(count), ISO_8859_1);
    }

    @Test
    void isThereWithItsHeadAndItsBytesFollow() throws Exception {
        request("GET");
        socket.receive(EVENTS.substring(0, 30));
        assertThat(queue.await(Duration.ZERO)).isFalse();
        socket.receive(EVENTS.substring(30) + "3\r\nab");
        LiveResponse response = live();
        assertThat(heads).containsExactly(EVENTS);
        assertThat(response.headLength()).isEqualTo(EVENTS.length());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.framing()).isEqualTo(Framing.CHUNKED);
        assertThat(read(response, EVENTS.length() + 5)).isEqualTo(EVENTS + "3\r\nab");
        assertThat(response.inputStream().available()).isZero();
        socket.receive("c\r\n");
        assertThat(response.inputStream().available()).isEqualTo(3);
        assertThat(response.reusable()).isFalse();
        socket.receive("0\r\n\r\n");
        assertThat(read(response, 100)).isEqualTo("c\r\n0\r\n\r\n");
        assertThat(response.reusable()).isTrue();

        request("GET");
        socket.receive(OK);
        assertThat(read(queue.take(), 100)).isEqualTo(OK);
    }

    @Test
    void givesMemoryBackOnceItIsRead() throws Exception {
        LiveResponse response = retaining();
        assertThat(read(response, EVENTS.length() + 5)).isEqualTo(EVENTS + "3\r\nab");
        assertThat(socket.retained).hasValue(1);
        assertThat(read(response, 100)).isEqualTo("c\r\n0\r\n\r\n");
        assertThat(socket.retained).hasValue(0);
    }

    @Test
    void givesMemoryBackThatWasNotRead() throws Exception {
        LiveResponse response = retaining();
        read(response, EVENTS.length() + 1);
        response.close();
        assertThat(socket.retained).hasValue(0);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> read(response, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessage("response closed");
        }
        assertThat(response.inputStream().available()).isZero();
    }

    @Test
    void isNotWholeIfItWasClosedBeforeItsLastByteWasRead() throws Exception {
        LiveResponse response = retaining();
        read(response, EVENTS.length() + 5 + 7);
        response.close();
        assertThat(socket.retained).hasValue(0);
        assertThatThrownBy(() -> read(response, 1))
                .isInstanceOf(IOException.class)
                .hasMessage("response closed");
    }

    @Test
    void givesMemoryBackThatWasForgotten() throws Exception {
        retaining();
        request("GET"); // so that the connection, too, has forgotten it
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (socket.retained.get() > 0 && System.nanoTime() < deadline) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(10); // for the collector to hand over what it found
        }
        assertThat(socket.retained).hasValue(0);
    }

    @Test
    void keepsNoMemoryOfWhatArrivesAfterItWasClosed() throws Exception {
        socket.retains = true;
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        socket.heldTasks = new LinkedBlockingQueue<>();
        response.close();
        socket.receive("3\r\nabc\r\n");
        assertThat(socket.retained).hasValue(0);
    }

    /** Received to its end, in memory that is retained but for the head. */
    private LiveResponse retaining() throws IOException {
        socket.retains = true;
        request("GET");
        socket.receive(EVENTS);
        socket.receive("3\r\nab");
        socket.receive("c\r\n0\r\n\r\n");
        assertThat(socket.retained).hasValue(2);
        return live();
    }

    @Test
    void whatComesWholeWithItsHeadIsComplete() throws Exception {
        request("GET");
        socket.receive(EVENTS + "2\r\nab\r\n0\r\n\r\n");
        assertThat(queue.take()).isInstanceOf(CompleteResponse.class);
        assertThat(heads).isEmpty();
    }

    @Test
    void knowsNeitherDeadlineNorSizeButItsReadsTimeOut() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        socket.advance(Duration.ofHours(1));
        socket.receive("200\r\n" + "x".repeat(512));
        read(response, EVENTS.length() + 5 + 512);
        response.readTimeout(Duration.ofMillis(10));
        assertThatThrownBy(() -> response.inputStream().read())
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no byte for 10 ms (socketTimeout)");
        socket.receive("\r\n");
        assertThat(response.inputStream().read()).isEqualTo('\r');
    }

    @Test
    void whatIsNotReadStopsReadingFromTheNetwork() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        byte[] quarter = new byte[LiveResponse.HIGH_WATER_MARK / 4];
        socket.receive(Integer.toHexString(8 * quarter.length) + "\r\n");
        for (int i = 0; i < 4; i++) {
            assertThat(socket.reading).isTrue();
            socket.receive(quarter);
        }
        assertThat(socket.reading).isFalse();
        InputStream in = response.inputStream();
        in.readNBytes(quarter.length);
        assertThat(socket.reading).isFalse();
        in.readNBytes(2 * quarter.length);
        assertThat(socket.reading).isTrue();
    }

    @Test
    void theEndLeavesTheSocketReadingForTheNextOne() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        live();
        socket.receive(Integer.toHexString(LiveResponse.HIGH_WATER_MARK) + "\r\n");
        socket.receive(new byte[LiveResponse.HIGH_WATER_MARK]);
        assertThat(socket.reading).isFalse();
        socket.receive("\r\n0\r\n\r\n");
        assertThat(socket.reading).isTrue();
    }

    @Test
    void aCutOffIsToldBehindWhatWasReceived() throws Exception {
        request("GET");
        socket.receive(EVENTS + "5\r\nab");
        LiveResponse response = live();
        socket.end();
        assertThat(read(response, EVENTS.length() + 5)).endsWith("ab");
        assertThatThrownBy(() -> response.inputStream().read())
                .isInstanceOf(IncompleteResponseException.class)
                .hasMessage("response incomplete: received 5 bytes of a chunked body, without its end");
    }

    @Test
    void aFailureCanBeSuppressedByTheSameOneOfALaterRead() throws Exception {
        LiveResponse response = liveToldOfItsEnd(new ArrayList<>());
        response.close(new SocketException("why"));
        assertThatThrownBy(() -> ReadingAtClose.readAndClose(response.inputStream()))
                .isInstanceOf(SocketException.class)
                .hasMessage("why")
                .hasSuppressedException(new SocketException("why"));
    }

    @Test
    void theEndOfTheConnectionIsTheEndOfACloseDelimitedOne() throws Exception {
        request("GET");
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        socket.receive(head + "a");
        LiveResponse response = live();
        socket.receive("b");
        socket.end();
        assertThat(read(response, 1000)).isEqualTo(head + "ab");
        assertThat(response.reusable()).isFalse();
    }

    @Test
    void whatFollowsItsEndIsNotItsOwn() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        socket.receive("1\r\na\r\n0\r\n\r\nHTTP/1.1 200");
        assertThat(read(response, 1000)).isEqualTo(EVENTS + "1\r\na\r\n0\r\n\r\n");
        assertThat(response.reusable()).isFalse();
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void malformedFramingFailsItsReader() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        socket.receive("+5\r\n");
        read(response, EVENTS.length());
        assertThatThrownBy(() -> response.inputStream().readAllBytes()).isInstanceOf(MalformedResponseException.class);
    }

    @Test
    void closingItEarlyAbortsTheConnectionAndWakesItsReader() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        read(response, EVENTS.length());
        FutureTask<Integer> reader = start(() -> response.inputStream().read());
        response.close();
        assertThatThrownBy(() -> reader.get(60, TimeUnit.SECONDS)).hasRootCauseMessage("response closed");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void closingItAfterItsEndLeavesTheConnection() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        socket.receive("0\r\n\r\n");
        response.close();
        assertThat(socket.aborted).isFalse();
        assertThat(stream.isOpen()).isTrue();
    }

    @Test
    void anAbortWakesItsReader() throws Exception {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        read(response, EVENTS.length());
        FutureTask<Integer> reader = start(() -> response.inputStream().read());
        stream.abort();
        assertThatThrownBy(() -> reader.get(60, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(SocketException.class)
                .hasMessage("connection closed");
    }

    @Test
    void aPredicateThatThrowsFailsTheExchange() {
        ResponseQueue throwing = new ResponseQueue(socket, head -> {
            throw new IllegalStateException("bug");
        });
        stream.expect("GET", LIMITS, socket.nanoTime(), throwing);
        stream.write(ByteBuffer.allocate(1));
        socket.receive(EVENTS);
        assertThatThrownBy(throwing::take).hasMessageContaining("bug");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void interimResponsesComeFirst() throws Exception {
        request("GET");
        socket.receive("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK);
        assertThat(queue.take().statusCode()).isEqualTo(103);
        assertThat(read(queue.take(), 100)).isEqualTo(OK);
    }

    @Test
    void waitingForAResponseHasABoundAndCanBeInterrupted() throws Exception {
        request("GET");
        assertThat(queue.await(Duration.ofMillis(1))).isFalse();
        FutureTask<ReceivedResponse> taker = new FutureTask<>(queue::take);
        Thread thread = new Thread(taker);
        thread.start();
        thread.interrupt();
        assertThatThrownBy(() -> taker.get(60, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("interrupted while waiting for a response");
        FutureTask<Boolean> waiting = start(() -> queue.await(Duration.ofDays(1)));
        socket.receive(OK);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(read(queue.take(), 100)).isEqualTo(OK);
    }

    @Test
    void aFailureIsThrownToWhoeverTakes() throws Exception {
        request("GET");
        socket.receive("HTTP/1.1 103 Early Hints\r\n\r\n");
        socket.end();
        assertThat(queue.take().statusCode()).isEqualTo(103);
        assertThat(queue.await(Duration.ZERO)).isTrue();
        assertThatThrownBy(queue::take).isInstanceOf(IncompleteResponseException.class);
        assertThatThrownBy(queue::take).isInstanceOf(IncompleteResponseException.class);
    }

    /** As after a 101 that upgrades to TLS. */
    @Test
    void oneMoreResponseToTheSameRequest() throws Exception {
        request("GET");
        socket.receive("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\n\r\n");
        assertThat(queue.take().statusCode()).isEqualTo(101);
        stream.expectMore("GET", LIMITS, socket.nanoTime(), queue);
        socket.receive(OK);
        assertThat(read(queue.take(), 100)).isEqualTo(OK);
        stream.abort();
        stream.expectMore("GET", LIMITS, socket.nanoTime(), queue);
        assertThatThrownBy(queue::take).isInstanceOf(NoResponseException.class);
    }

    private LiveResponse begun() throws IOException {
        request("GET");
        socket.receive(EVENTS);
        LiveResponse response = live();
        read(response, EVENTS.length());
        return response;
    }

    @Test
    void whoWaitsIsToldOnceThatBytesAreThere() throws Exception {
        LiveResponse response = begun();
        int[] told = {0};
        response.onReadable(() -> told[0]++);
        assertThat(response.readable()).isFalse();
        assertThat(told[0]).isZero();
        int timers = socket.pendingTimers();
        socket.receive("1\r\na");
        assertThat(response.readable()).isTrue();
        assertThat(told[0]).isEqualTo(1);
        assertThat(socket.pendingTimers()).isEqualTo(timers - 1);
        socket.receive("\r\n");
        assertThat(told[0]).isEqualTo(1);
        response.onReadable(() -> told[0]++);
        assertThat(told[0]).isEqualTo(2);
        socket.advance(Duration.ofHours(1));
        assertThat(read(response, 6)).isEqualTo("1\r\na\r\n");
    }

    @Test
    void whoWaitsIsToldOfTheEndAFailureAndAClose() throws Exception {
        LiveResponse ending = begun();
        int[] told = {0};
        ending.onReadable(() -> told[0] = 1);
        socket.receive("0\r\n\r\n");
        assertThat(told[0]).isEqualTo(1);
        assertThat(read(ending, 100)).isEqualTo("0\r\n\r\n");
        assertThat(ending.readable()).isTrue();

        LiveResponse closed = begun();
        closed.onReadable(() -> told[0] = 2);
        closed.close();
        assertThat(told[0]).isEqualTo(2);
        assertThatThrownBy(() -> closed.inputStream().read()).hasMessage("response closed");
    }

    @Test
    void aCutOffTellsWhoWaits() throws Exception {
        LiveResponse response = begun();
        int[] told = {0};
        response.onReadable(() -> told[0]++);
        socket.end();
        assertThat(told[0]).isEqualTo(1);
        assertThatThrownBy(() -> response.inputStream().read()).isInstanceOf(IncompleteResponseException.class);
    }

    @Test
    void theReadTimeoutHoldsWithoutABlockedReader() throws Exception {
        LiveResponse response = begun();
        int[] told = {0};
        response.onReadable(() -> told[0]++);
        socket.advance(Duration.ofMillis(999));
        assertThat(told[0]).isZero();
        socket.advance(Duration.ofMillis(1));
        assertThat(told[0]).isEqualTo(1);
        assertThatThrownBy(() -> response.inputStream().read())
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no byte for 1 s (socketTimeout)");
        response.onReadable(() -> told[0]++);
        assertThat(told[0]).isEqualTo(1);
        socket.receive("1");
        assertThat(told[0]).isEqualTo(2);
        assertThat(response.inputStream().read()).isEqualTo('1');
    }

    @Test
    void anotherTaskTakesThePlaceOfOneThatWaits() throws Exception {
        LiveResponse response = begun();
        List<String> told = new ArrayList<>();
        response.onReadable(() -> told.add("first"));
        socket.advance(Duration.ofMillis(600));
        response.onReadable(() -> told.add("second"));
        socket.advance(Duration.ofMillis(600));
        assertThat(told).isEmpty();
        socket.receive("1");
        assertThat(told).containsExactly("second");
    }

    private static <T> FutureTask<T> start(java.util.concurrent.Callable<T> work) throws InterruptedException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        while (thread.isAlive()
                && thread.getState() != Thread.State.WAITING
                && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        return task;
    }

    private LiveResponse liveToldOfItsEnd(List<String> told) {
        List<LiveResponse> begun = new ArrayList<>();
        stream.expect("GET", LIMITS, socket.nanoTime(), new ResponseListener() {
            @Override
            public boolean live(byte[] head) {
                return true;
            }

            @Override
            public void onLive(LiveResponse response) {
                begun.add(response);
                response.onEnd(() -> told.add("end, reusable: " + response.reusable()));
            }

            @Override
            public void onComplete(CompleteResponse response) {
                told.add("complete");
            }

            @Override
            public void onFailure(IOException failure) {
                told.add(failure.toString());
            }
        });
        stream.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1)));
        socket.receive(EVENTS);
        return begun.get(0);
    }

    @Test
    void itsEndIsToldOnceBeforeItsReader() {
        List<String> told = new ArrayList<>();
        LiveResponse response = liveToldOfItsEnd(told);
        assertThat(told).isEmpty();
        response.onReadable(() -> told.add("readable"));
        response.onReadable(() -> told.add("head"));
        assertThat(told).containsExactly("readable", "head");
        socket.receive("0\r\n\r\n");
        response.close();
        assertThat(told).containsExactly("readable", "head", "end, reusable: true");
    }

    @Test
    void itsReadersAreToldWhyItWasClosed() throws Exception {
        List<String> told = new ArrayList<>();
        LiveResponse response = liveToldOfItsEnd(told);
        assertThat(read(response, EVENTS.length())).isEqualTo(EVENTS);
        response.close(new IOException("why"));
        assertThat(told).containsExactly("end, reusable: false");
        assertThatThrownBy(() -> read(response, 1)).hasMessage("why");
    }

    @Test
    void whatHasItsEndButWasNotReadIsCutOffByClosing() {
        LiveResponse response = liveToldOfItsEnd(new ArrayList<>());
        socket.receive("1\r\nx\r\n0\r\n\r\n");
        response.close();
        assertThat(stream.isOpen()).isTrue();
        assertThatThrownBy(() -> response.inputStream().read()).hasMessage("response closed");
    }

    /** As soon as its end is told, the connection may be another exchange's. */
    @Test
    void closingAsItEndsLeavesTheConnectionAlone() {
        List<String> told = new ArrayList<>();
        LiveResponse response = liveToldOfItsEnd(told);
        response.onEnd(() -> {
            told.add("end, reusable: " + response.reusable());
            response.close();
        });
        socket.receive("1\r\nx\r\n0\r\n\r\n");
        assertThat(told).containsExactly("end, reusable: true");
        assertThat(stream.isOpen()).isTrue();
        assertThatThrownBy(() -> response.inputStream().read()).hasMessage("response closed");
    }

    @Test
    void anEndThatMeetsACloseKeepsTheConnection() throws Exception {
        List<String> told = new ArrayList<>();
        LiveResponse response = liveToldOfItsEnd(told);
        read(response, EVENTS.length());
        response.onReadable(() -> socket.receive("1\r\nx\r\n0\r\n\r\n"));
        response.close();
        assertThat(told).containsExactly("end, reusable: true");
        assertThat(stream.isOpen()).isTrue();
        assertThatThrownBy(() -> response.inputStream().read()).hasMessage("response closed");
    }
}
