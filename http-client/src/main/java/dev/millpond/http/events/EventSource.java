package dev.millpond.http.events;

import dev.millpond.async.Cancellable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Streams of events that open again when they are lost (WHATWG HTML standard, section 9.2): after the time that the
 * server has set, or {@link #DEFAULT_RETRY}, with the last event ID. A stream ends by a 204; any other status than 200,
 * or another type than {@code text/event-stream}, fails it, and so does what another attempt can't mend.
 *
 * <p>Each listener, and each subscriber, has a stream of its own. It is read as events are asked for; what isn't asked
 * for stays with the server. Events are delivered on the executor. Where the body of the response is a
 * {@link dev.millpond.http.message.LiveBody}, no thread waits for them; else one of the executor does. Thread-safe.
 */
public final class EventSource implements Flow.Publisher<ServerSentEvent> {

    /** 3 seconds. */
    public static final Duration DEFAULT_RETRY = Duration.ofSeconds(3);

    /** How to get a stream. */
    @FunctionalInterface
    public interface Opener {

        /**
         * Requests it: a response whose body can be read while it arrives. Cancelling the future gives the request up.
         *
         * @param lastEventId for the field {@code Last-Event-ID}, which is to be left out if this is empty
         */
        CompletableFuture<ClassicHttpResponse> open(String lastEventId);
    }

    /** Such as {@link dev.millpond.async.AsyncCore#delay}. */
    @FunctionalInterface
    public interface Timer {

        Cancellable delay(Duration delay, Runnable task);
    }

    private final Opener opener;
    private final Executor executor;
    private final Timer timer;
    private final int maxEventSize;

    /**
     * Opens nothing yet.
     *
     * @param executor where listeners and subscribers are called; not an event loop
     * @param maxEventSize in bytes
     */
    public EventSource(Opener opener, Executor executor, Timer timer, int maxEventSize) {
        this.opener = opener;
        this.executor = executor;
        this.timer = timer;
        this.maxEventSize = maxEventSize;
    }

    /** Opens a stream for {@code listener}, until it is cancelled, which ends the connection at once. */
    public Cancellable listen(EventListener listener) {
        EventSubscription stream = stream(listener);
        stream.request(Long.MAX_VALUE);
        stream.ready();
        return stream::cancel;
    }

    /** Opens a stream for {@code subscriber} with its first request. A lost stream is opened again without a word. */
    @Override
    public void subscribe(Flow.Subscriber<? super ServerSentEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        EventSubscription stream = stream(new Subscribed(subscriber));
        Runnable begin = () -> {
            subscriber.onSubscribe(stream);
            stream.ready();
        };
        try {
            executor.execute(begin);
        } catch (RejectedExecutionException closed) {
            // Better on this thread than not at all.
            begin.run();
        }
    }

    private EventSubscription stream(EventListener listener) {
        return new EventSubscription(opener, executor, timer, maxEventSize, listener);
    }

    private record Subscribed(Flow.Subscriber<? super ServerSentEvent> subscriber) implements EventListener {

        @Override
        public void onEvent(ServerSentEvent event) {
            subscriber.onNext(event);
        }

        @Override
        public void onLost(@Nullable Throwable cause) {}

        @Override
        public void onEnd() {
            subscriber.onComplete();
        }

        @Override
        public void onFailure(Throwable failure) {
            subscriber.onError(failure);
        }
    }
}
