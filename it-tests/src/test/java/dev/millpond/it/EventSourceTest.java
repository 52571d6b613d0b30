package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.Cancellable;
import dev.millpond.async.ConnectOptions;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseListener;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.bridge.ResponseStream;
import dev.millpond.http.events.EventListener;
import dev.millpond.http.events.EventSource;
import dev.millpond.http.events.EventStreamException;
import dev.millpond.http.events.EventTooLargeException;
import dev.millpond.http.events.ServerSentEvent;
import dev.millpond.http.message.LiveBody;
import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EventSourceTest {

    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";

    private final AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build();
    private final ExecutorService executor = Executors.newFixedThreadPool(1);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final List<Duration> delays = new ArrayList<>();

    @AfterEach
    void close() {
        core.close();
        executor.shutdownNow();
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }

    private static void push(RawServer.Peer peer, String content) throws IOException {
        peer.write(chunk(content));
    }

    private EventSource source(RawServer server) {
        return source(lastEventId -> open(server.port(), lastEventId), 1000);
    }

    /** Waits a thousandth of the time. */
    private EventSource source(EventSource.Opener opener, int maxEventSize) {
        return new EventSource(
                opener,
                executor,
                (delay, task) -> {
                    delays.add(delay);
                    return core.delay(delay.dividedBy(1000), task);
                },
                maxEventSize);
    }

    private CompletableFuture<ClassicHttpResponse> open(int port, String lastEventId) {
        return open(port, lastEventId, Duration.ofMinutes(1));
    }

    private CompletableFuture<ClassicHttpResponse> open(int port, String lastEventId, Duration readTimeout) {
        CompletableFuture<ClassicHttpResponse> result = new CompletableFuture<>();
        core.connect(ConnectOptions.to("127.0.0.1", port)).whenComplete((socket, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            ResponseStream stream = ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {});
            result.whenComplete((done, cancelled) -> {
                if (cancelled != null) {
                    stream.abort();
                }
            });
            ResponseLimits limits = ResponseLimits.DEFAULTS.socketTimeout(readTimeout);
            stream.expect("GET", limits, System.nanoTime(), new Opening(result));
            String field = lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n";
            stream.write(
                    ByteBuffer.wrap(("GET / HTTP/1.1\r\n" + field + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        });
        return result;
    }

    private record Opening(CompletableFuture<ClassicHttpResponse> result) implements ResponseListener {

        @Override
        public boolean live(byte[] head) {
            return true;
        }

        @Override
        public void onLive(LiveResponse live) {
            try {
                byte[] head = live.inputStream().readNBytes(live.headLength());
                ClassicHttpResponse message = ResponseParser.parse(head, head.length);
                message.setEntity(new InputStreamEntity(new LiveBody(live), null));
                result.complete(message);
            } catch (IOException | HttpException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void onComplete(CompleteResponse response) {
            try {
                result.complete(ResponseParser.parse(response));
            } catch (HttpException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void onFailure(IOException failure) {
            result.completeExceptionally(failure);
        }
    }

    private final class Heard implements EventListener {

        @Override
        public void onOpen(ClassicHttpResponse response) {
            say("open");
        }

        @Override
        public void onEvent(ServerSentEvent event) {
            say(event.id() + " " + event.event() + " " + event.data());
        }

        @Override
        public void onLost(@Nullable Throwable cause) {
            say(cause == null ? "lost" : "lost: " + cause.getClass().getSimpleName());
        }

        @Override
        public void onEnd() {
            say("end");
        }

        @Override
        public void onFailure(Throwable failure) {
            say(failure.toString());
        }

        private void say(String what) {
            heard.add(AsyncCore.onEventLoop() ? what + " on an event loop" : what);
        }
    }

    private void hear(String... expected) throws InterruptedException {
        for (String next : expected) {
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(next);
        }
    }

    private String lastEventId(RawServer.Peer peer) throws IOException {
        String request = peer.readRequest();
        return request.lines()
                .filter(line -> line.startsWith("Last-Event-ID: "))
                .map(line -> line.substring(15))
                .findFirst()
                .orElse("none");
    }

    @Test
    void eventsComeAsTheyAreSentAndGoOnAfterALoss() throws Exception {
        BlockingQueue<String> next = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            asked.add(lastEventId(peer));
            if (connection == 3) {
                peer.write(NO_CONTENT);
                return;
            }
            peer.write(connection == 1 ? HEAD + "\r\n" : CHUNKED);
            for (String content = next.take(); !content.isEmpty(); content = next.take()) {
                if (connection == 1) {
                    peer.write(content);
                } else {
                    push(peer, content);
                }
            }
            if (connection == 2) {
                peer.write("0\r\n\r\n");
                peer.awaitClose();
            }
        })) {
            Cancellable listening = source(server).listen(new Heard());
            hear("open");
            next.add("data: 1\n");
            next.add("\nid: a\ndata: 2\n\nevent: x\ndata: 3\n\nid: unfinished\n");
            hear(" message 1", "a message 2", "a x 3");
            next.add("");
            hear("lost: IncompleteResponseException", "open");
            next.add("retry: 200\ndata: 4\n\n");
            hear("a message 4");
            next.add("");
            hear("lost", "open");
            next.add("id\ndata: 5\n\n");
            hear(" message 5");
            next.add("");
            hear("lost", "end");
            listening.cancel();
            assertThat(asked).containsExactly("none", "a", "a", "none");
            assertThat(delays).containsExactly(Duration.ofSeconds(3), Duration.ofMillis(200), Duration.ofMillis(200));
        }
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"
            })
    void anythingElseFailsIt(String response) throws Exception {
        try (RawServer server = RawServer.answering(response)) {
            source(server).listen(new Heard());
            String type = response.contains("text/html") ? "text/html" : "no content type";
            hear(EventStreamException.class.getName()
                    + ": event stream: expected status 200 and text/event-stream, got " + response.substring(9, 12)
                    + " and " + type);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void whatCannotBeOpenedIsTriedAgain() throws Exception {
        try (RawServer server = RawServer.answering(NO_CONTENT)) {
            int[] attempts = {0};
            source(
                            id -> attempts[0]++ < 2
                                    ? CompletableFuture.failedFuture(new ConnectException("refused"))
                                    : open(server.port(), id),
                            100)
                    .listen(new Heard());
            hear("lost: ConnectException", "lost: ConnectException", "end");
        }
        source(id -> CompletableFuture.failedFuture(new IllegalStateException("closed")), 100)
                .listen(new Heard());
        hear("java.lang.IllegalStateException: closed");
    }

    @Test
    void anEventThatIsTooLargeFailsItBehindThoseBefore() throws Exception {
        try (RawServer server = RawServer.answering(CHUNKED + chunk("data: 1\n\ndata: " + "x".repeat(2000)))) {
            source(server).listen(new Heard());
            hear(
                    "open",
                    " message 1",
                    EventTooLargeException.class.getName()
                            + ": event too large: maxEventSize is 1000 bytes, received more");
        }
    }

    @Test
    void silenceBeyondTheSocketTimeoutIsALoss() throws Exception {
        // The first is to pass after the head and not before it, the second never.
        Queue<Duration> timeouts = new LinkedBlockingQueue<>(List.of(Duration.ofSeconds(2), Duration.ofMinutes(1)));
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(connection == 0 ? CHUNKED : NO_CONTENT);
            peer.awaitClose();
        })) {
            source(id -> open(server.port(), id, timeouts.remove()), 1000).listen(new Heard());
            hear("open", "lost: " + SocketTimeoutException.class.getSimpleName(), "end");
        }
    }

    @Test
    void cancelEndsTheConnectionAtOnceAndNothingMoreIsHeard() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(CHUNKED);
            peer.awaitClose();
        })) {
            Cancellable listening = source(server).listen(new Heard());
            hear("open");
            listening.cancel();
            assertThat(server.awaitEnd()).isZero();
            executor.submit(() -> {}).get();
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void cancelGivesUpWhatIsBeingOpened() throws Exception {
        CompletableFuture<ClassicHttpResponse> opening = new CompletableFuture<>();
        BlockingQueue<String> opened = new LinkedBlockingQueue<>();
        Cancellable listening = source(
                        id -> {
                            opened.add(id);
                            return opening;
                        },
                        100)
                .listen(new Heard());
        assertThat(opened.take()).isEmpty();
        listening.cancel();
        FetchTest.await(opening::isCancelled);
        executor.submit(() -> {}).get();
        assertThat(heard).isEmpty();
    }

    @Test
    void aListenerThatThrowsEndsIt() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(CHUNKED);
            push(peer, "data: 1\n\n");
            peer.awaitClose();
        })) {
            source(server).listen(new EventListener() {
                @Override
                public void onEvent(ServerSentEvent event) {
                    throw new IllegalStateException("bug");
                }

                @Override
                public void onFailure(Throwable failure) {
                    heard.add(Objects.toString(failure.getMessage()));
                }
            });
            hear("bug");
            assertThat(server.awaitEnd()).isZero();
        }
    }

    /** One thread for all of them: none may be parked. */
    @Test
    void manyStreamsWaitWithoutAThreadEach() throws Exception {
        List<RawServer.Peer> peers = java.util.Collections.synchronizedList(new ArrayList<>());
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peers.add(peer);
            peer.write(CHUNKED + chunk("data: first\n\n"));
            peer.awaitClose();
        })) {
            for (int i = 0; i < 50; i++) {
                source(server).listen(new Heard());
            }
            for (int i = 0; i < 100; i++) {
                assertThat(heard.poll(20, TimeUnit.SECONDS)).isIn("open", " message first");
            }
            assertThat(peers).hasSize(50);
            for (RawServer.Peer peer : List.copyOf(peers)) {
                push(peer, "data: second\n\n");
                hear(" message second");
            }
        }
    }

    @Test
    void asMuchAsIsAskedForAndTheRestStaysWithTheServer() throws Exception {
        CompletableFuture<Void> stuck = new CompletableFuture<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.socket().setSendBufferSize(10_000);
            peer.write(CHUNKED);
            for (int i = 0; i < 40_000; i++) {
                push(peer, "data: " + i + " " + "x".repeat(500) + "\n\n");
            }
            stuck.complete(null);
            // Without an end: the source would connect again, and hear all of it once more.
            peer.awaitClose();
        })) {
            CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
            source(server).subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscribed.complete(subscription);
                }

                @Override
                public void onNext(ServerSentEvent event) {
                    heard.add(event.data().substring(0, event.data().indexOf(' ')));
                }

                @Override
                public void onError(Throwable failure) {
                    heard.add(failure.getMessage());
                }

                @Override
                public void onComplete() {
                    heard.add("end");
                }
            });
            Flow.Subscription subscription = subscribed.get(20, TimeUnit.SECONDS);
            executor.submit(() -> {}).get();
            assertThat(server.connections()).isZero();
            subscription.request(2);
            hear("0", "1");
            subscription.request(1);
            hear("2");
            executor.submit(() -> {}).get();
            assertThat(heard).isEmpty();
            assertThat(stuck).isNotDone();
            subscription.request(Long.MAX_VALUE);
            subscription.request(5);
            for (int i = 3; i < 40_000; i++) {
                hear(Integer.toString(i));
            }
            subscription.request(0);
            hear("request: expected 1 or more, got 0");
        }
    }
}
