package dev.millpond.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.SocketListener;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import dev.millpond.http.events.EventListener;
import dev.millpond.http.events.ServerSentEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.cookie.BasicClientCookie;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server-sent events through {@link Millpond}; {@link EventSourceTest} has what is not the client's business. */
@Timeout(60)
class FetchEventsTest {

    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";
    private static final int STREAMS = 1000;
    private static final int THREADS = 16;

    private final Millpond millpond = Millpond.builder()
            .eventLoopThreads(1)
            .connectTimeout(Duration.ofMinutes(1)) // a thousand connect at once
            .socketTimeout(Duration.ofSeconds(20))
            .build();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        millpond.close();
    }

    private static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }

    private final class Heard implements EventListener {

        @Override
        public void onEvent(ServerSentEvent event) {
            say(event.id() + " " + event.data());
        }

        @Override
        public void onLost(@Nullable Throwable cause) {
            say(cause == null ? "lost" : "lost: " + cause.getMessage());
        }

        @Override
        public void onEnd() {
            say("end");
        }

        @Override
        public void onFailure(Throwable failure) {
            say("failed: " + failure.getMessage());
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

    @Test
    void aStreamIsAskedForAsBrowsersDoAndGoesOnWhereItWasLost() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            asked.add(peer.readRequest());
            if (connection == 0) {
                peer.write("HTTP/1.1 307 There\r\nLocation: /events\r\nContent-Length: 0\r\n\r\n");
                asked.add(peer.readRequest());
                peer.write(EVENTS + chunk("retry: 1\nid: gr\u00C3\u00BCn\ndata: 1\n\n"));
                return;
            }
            peer.write(NO_CONTENT);
            peer.awaitClose();
        })) {
            millpond.fetchEvents(get(server), new Heard());
            hear("grün 1");
            assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("lost: response incomplete");
            hear("end");
            assertThat(asked.remove())
                    .contains("\r\nAccept: text/event-stream\r\n", "\r\nCache-Control: no-store\r\n")
                    .contains("\r\nAccept-Encoding: identity\r\n")
                    .doesNotContain("Last-Event-ID");
            assertThat(asked.remove()).startsWith("GET /events ").contains("\r\nAccept: text/event-stream\r\n");
            // UTF-8 octets, one character each here.
            assertThat(asked.remove()).startsWith("GET / ").contains("\r\nLast-Event-ID: gr\u00C3\u00BCn\r\n");
            FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
        }
    }

    @Test
    void whatTheRequestHasOfItsOwnIsLeftAlone() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            asked.add(peer.readRequest());
            peer.write(NO_CONTENT);
        })) {
            ClassicHttpRequest request = ClassicRequestBuilder.get(server.url())
                    .addHeader("Accept", "text/event-stream;q=1")
                    .addHeader("Cache-Control", "no-cache")
                    .addHeader("Last-Event-ID", "7")
                    .build();
            millpond.fetchEvents(request, new Heard());
            hear("end");
            assertThat(asked.remove())
                    .contains("\r\nAccept: text/event-stream;q=1\r\n", "\r\nCache-Control: no-cache\r\n")
                    .contains("\r\nLast-Event-ID: 7\r\n")
                    .doesNotContain("no-store");
            assertThat(request.getHeaders()).hasSize(3);
        }
    }

    @Test
    void optionsGoForEveryOpening() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            asked.add(peer.readRequest());
            peer.write("HTTP/1.1 103 Early Hints\r\n\r\n");
            peer.write(connection == 0 ? EVENTS + chunk("retry: 1\ndata: 1\n\n") : NO_CONTENT);
        })) {
            BasicCookieStore cookies = new BasicCookieStore();
            BasicClientCookie cookie = new BasicClientCookie("of", "context");
            cookie.setDomain("localhost");
            cookie.setPath("/");
            cookies.addCookie(cookie);
            HttpClientContext context = HttpClientContext.create();
            context.setCookieStore(cookies);
            BlockingQueue<Integer> interim = new LinkedBlockingQueue<>();
            millpond.fetchEvents(
                    get(server),
                    FetchOptions.defaults().context(context).onInterim(response -> interim.add(response.getCode())),
                    new Heard());
            hear(" 1");
            assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("lost: response incomplete");
            hear("end");
            assertThat(asked).hasSize(2).allSatisfy(request -> assertThat(request)
                    .contains("\r\nCookie: of=context\r\n"));
            assertThat(interim).containsExactly(103, 103);
        }
    }

    @Test
    void cancelEndsTheConnection() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 1\n\n"));
            peer.awaitClose();
        })) {
            Cancellable listening = millpond.fetchEvents(get(server), new Heard());
            hear(" 1");
            listening.cancel();
            assertThat(server.awaitEnd()).isZero();
            FetchTest.await(() -> millpond.stats().connectionsLeased() == 0);
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void aSubscriberGetsWhatItRequests() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("data: 1\n\ndata: 2\n\n"));
            peer.awaitClose();
        })) {
            BlockingQueue<Flow.Subscription> subscriptions = new LinkedBlockingQueue<>();
            millpond.fetchEvents(get(server)).subscribe(new Requesting(subscriptions));
            Flow.Subscription subscription = subscriptions.take();
            assertThat(server.connections()).isZero();
            subscription.request(1);
            hear("1");
            assertThat(heard).isEmpty();
            subscription.request(1);
            hear("2");
            millpond.close();
            subscription.request(1);
            hear("failed: millpond is closed");
        }
        millpond.fetchEvents(ClassicRequestBuilder.get("http://localhost/").build())
                .subscribe(new Requesting(new LinkedBlockingQueue<>()) {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(1);
                    }
                });
        hear("failed: millpond is closed");
    }

    private class Requesting implements Flow.Subscriber<ServerSentEvent> {

        private final Queue<Flow.Subscription> subscriptions;

        Requesting(Queue<Flow.Subscription> subscriptions) {
            this.subscriptions = subscriptions;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriptions.add(subscription);
        }

        @Override
        public void onNext(ServerSentEvent event) {
            heard.add(event.data());
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("failed: " + failure.getMessage());
        }

        @Override
        public void onComplete() {
            heard.add("end");
        }
    }

    @Test
    void closingTheClientFailsOpenStreamsAndThoseThatWaitToOpenAgain() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            peer.readRequest();
            peer.write(EVENTS + chunk("retry: 600000\ndata: 1\n\n"));
            if (connection == 0) {
                peer.write("0\r\n\r\n");
                return;
            }
            peer.awaitClose();
        })) {
            millpond.fetchEvents(get(server), new Heard());
            hear(" 1", "lost");
            millpond.fetchEvents(get(server), new Heard());
            hear(" 1");
            millpond.close();
            List<String> last = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                last.add(heard.poll(20, TimeUnit.SECONDS));
            }
            assertThat(last)
                    .containsExactlyInAnyOrder(
                            "lost: millpond is closed", "failed: millpond is closed", "failed: millpond is closed");
        }
    }

    @Test
    void anExecutorThatHasShutDownIsAFailure() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.shutdown();
        try (Millpond rejected = Millpond.builder().callbackExecutor(executor).build()) {
            rejected.fetchEvents(ClassicRequestBuilder.get("http://localhost/").build(), new Heard());
            assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("failed: ").contains("rejected");
        }
    }

    @Test
    void aThousandStreamsAreReadByAFewThreads() throws Exception {
        Queue<AsyncSocket> sockets = new ConcurrentLinkedQueue<>();
        AtomicInteger received = new AtomicInteger();
        long others = threads();
        try (AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build();
                AsyncServer server = core.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                socket -> Events.begin(socket, sockets))
                        .get(30, TimeUnit.SECONDS)) {
            ClassicHttpRequest request = ClassicRequestBuilder.get("http://localhost:" + server.port() + "/")
                    .build();
            for (int i = 0; i < STREAMS; i++) {
                millpond.fetchEvents(request, new EventListener() {
                    @Override
                    public void onEvent(ServerSentEvent event) {
                        received.incrementAndGet();
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        heard.add(failure.toString());
                    }
                });
            }
            for (int round = 1; round <= 3; round++) {
                int expected = round * STREAMS;
                FetchTest.await(() -> received.get() == expected);
                assertThat(threads() - others).isLessThanOrEqualTo(THREADS);
                sockets.forEach(socket -> socket.write(ByteBuffer.wrap(Events.EVENT)));
            }
            assertThat(millpond.stats().connectionsLeased()).isEqualTo(STREAMS);
            millpond.close();
            for (int i = 0; i < STREAMS; i++) {
                assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("millpond is closed");
            }
        }
    }

    /** Of client and server together, and of what other tests have left. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millpond"))
                .count();
    }

    private record Events(AsyncSocket socket, Queue<AsyncSocket> sockets) implements SocketListener {

        static final byte[] EVENT = chunk("data: 1\n\n").getBytes(US_ASCII);

        static void begin(AsyncSocket socket, Queue<AsyncSocket> sockets) {
            socket.listener(new Events(socket, sockets));
            socket.resume();
        }

        @Override
        public void onBytes(ByteBuffer bytes) {
            // Before the event, which may be heard at once. A request comes in one read here: it is small, and written
            // at once.
            sockets.add(socket);
            socket.write(ByteBuffer.wrap(EVENTS.getBytes(US_ASCII)));
            socket.write(ByteBuffer.wrap(EVENT));
        }

        @Override
        public void onEnd() {
            socket.close();
        }

        @Override
        public void onFailure(IOException cause) {
            // The client has gone.
        }
    }
}
