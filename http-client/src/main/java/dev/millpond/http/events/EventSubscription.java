package dev.millpond.http.events;

import dev.millpond.async.Cancellable;
import dev.millpond.http.message.LiveBody;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.io.Closer;
import org.jspecify.annotations.Nullable;

/**
 * One stream, over as many connections as it takes. Whatever happens anywhere only signals; all is done by
 * {@link #work()}, on the executor, which runs once at a time and once more for what was signalled meanwhile.
 */
final class EventSubscription implements Flow.Subscription {

    private static final int BUFFER = 8 << 10;

    private final EventSource.Opener opener;
    private final Executor executor;
    private final EventSource.Timer timer;
    private final int maxEventSize;
    private final EventListener listener;

    /** One at first: nothing is done before {@link #ready()}. */
    private final AtomicInteger signals = new AtomicInteger(1);

    private final AtomicLong demand = new AtomicLong();
    private final AtomicReference<@Nullable Runnable> arrived = new AtomicReference<>();
    private volatile boolean cancelled;
    private volatile @Nullable IllegalArgumentException badRequest;

    /** Guarded by this: what a cancel, on any thread, has to end. */
    private Cancellable current = () -> {};

    // Touched by work() alone.
    private final Queue<ServerSentEvent> parsed = new ArrayDeque<>();
    private final byte[] buffer = new byte[BUFFER];
    private String lastEventId = "";
    private Duration retry = EventSource.DEFAULT_RETRY;
    private @Nullable EventParser parser;
    private @Nullable ClassicHttpResponse response;
    private @Nullable InputStream body;
    private @Nullable EventTooLargeException tooLarge;
    private boolean waiting;
    private boolean over;

    EventSubscription(
            EventSource.Opener opener,
            Executor executor,
            EventSource.Timer timer,
            int maxEventSize,
            EventListener listener) {
        this.opener = opener;
        this.executor = executor;
        this.timer = timer;
        this.maxEventSize = maxEventSize;
        this.listener = listener;
    }

    void ready() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException closed) {
            // Better on this thread than not at all.
            runArrived();
            fail(closed);
            cancelCurrent();
        }
    }

    @Override
    public void request(long count) {
        if (count < 1) {
            badRequest = new IllegalArgumentException("request: expected 1 or more, got " + count);
        } else {
            // More than that many are as good as all.
            demand.accumulateAndGet(count, (before, more) -> Math.min(before, Long.MAX_VALUE - more) + more);
        }
        signal();
    }

    @Override
    public void cancel() {
        cancelCurrent();
        signal();
    }

    private synchronized void cancelCurrent() {
        cancelled = true;
        current.cancel();
    }

    private synchronized void hold(Cancellable newest) {
        current = newest;
        if (cancelled) {
            newest.cancel();
        }
    }

    private void signal() {
        if (signals.getAndIncrement() == 0) {
            ready();
        }
    }

    /** What is being waited for is here, and {@code continuation} goes on with it. Any thread. */
    private void arrive(Runnable continuation) {
        arrived.set(continuation);
        signal();
    }

    private void runArrived() {
        Runnable continuation = arrived.getAndSet(null);
        if (continuation != null) {
            waiting = false;
            continuation.run();
        }
    }

    private void run() {
        int seen;
        do {
            seen = signals.get();
            try {
                work();
            } catch (RuntimeException | Error thrown) {
                if (over) {
                    throw thrown;
                }
                fail(thrown);
            }
        } while (signals.addAndGet(-seen) != 0);
    }

    private void work() {
        runArrived();
        IllegalArgumentException bad = badRequest;
        if (bad != null) {
            fail(bad);
        }
        while (!over && !cancelled && !waiting && demand.get() > 0) {
            step();
        }
        if (cancelled && !over) {
            over = true;
            drop();
        }
    }

    private void step() {
        ServerSentEvent event = parsed.poll();
        InputStream reading = body;
        if (event != null) {
            demand.updateAndGet(before -> before == Long.MAX_VALUE ? before : before - 1);
            listener.onEvent(event);
        } else if (tooLarge != null) {
            fail(tooLarge);
        } else if (reading != null) {
            read(reading, Objects.requireNonNull(parser));
        } else {
            open();
        }
    }

    private void open() {
        waiting = true;
        CompletableFuture<ClassicHttpResponse> opening = opener.open(lastEventId);
        hold(() -> opening.cancel(true));
        opening.whenComplete((opened, failure) -> arrive(() -> opened(opened, failure)));
    }

    private void opened(@Nullable ClassicHttpResponse opened, @Nullable Throwable failure) {
        if (opened == null) {
            notOpened(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
            return;
        }
        response = opened;
        if (cancelled) {
            drop();
            return;
        }
        hold(() -> Closer.closeQuietly(opened));
        if (opened.getCode() == HttpStatus.SC_NO_CONTENT) {
            over = true;
            drop();
            listener.onEnd();
        } else if (opened.getCode() != HttpStatus.SC_OK || !isEventStream(opened)) {
            Header type = opened.getFirstHeader(HttpHeaders.CONTENT_TYPE);
            fail(new EventStreamException(opened.getCode(), type == null ? null : type.getValue()));
        } else {
            begin(opened);
        }
    }

    /** Where another attempt may go better, it is made: see section 9.2.3 of the standard. */
    private void notOpened(@Nullable Throwable cause) {
        if (cause instanceof IOException && !(cause instanceof SSLException)) {
            lost(cause);
        } else {
            fail(cause == null ? new IllegalStateException("the opener gave no response") : cause);
        }
    }

    private static boolean isEventStream(ClassicHttpResponse opened) {
        Header type = opened.getFirstHeader(HttpHeaders.CONTENT_TYPE);
        ContentType known = type == null ? null : ContentType.parseLenient(type.getValue());
        return known != null && known.isSameMimeType(ContentType.TEXT_EVENT_STREAM);
    }

    private void begin(ClassicHttpResponse opened) {
        parser = new EventParser(lastEventId, maxEventSize, parsed::add);
        listener.onOpen(opened);
        try {
            HttpEntity entity = opened.getEntity();
            body = entity == null ? InputStream.nullInputStream() : entity.getContent();
        } catch (IOException e) {
            lost(e);
        }
    }

    private void read(InputStream reading, EventParser parsing) {
        try {
            int count = reading instanceof LiveBody live ? live.readNow(buffer) : reading.read(buffer);
            if (count < 0) {
                lost(null);
            } else if (count == 0 && reading instanceof LiveBody live) {
                waiting = true;
                live.onReadable(() -> arrive(() -> {}));
            } else {
                parsing.feed(buffer, 0, count);
            }
        } catch (EventTooLargeException e) {
            // Behind those that came before it.
            tooLarge = e;
        } catch (IOException e) {
            lost(e);
        }
    }

    private void lost(@Nullable Throwable cause) {
        drop();
        if (cancelled) {
            return;
        }
        waiting = true;
        listener.onLost(cause);
        hold(timer.delay(retry, () -> arrive(() -> {})));
    }

    private void fail(Throwable failure) {
        if (!over) {
            over = true;
            drop();
            if (!cancelled) {
                listener.onFailure(failure);
            }
        }
    }

    /** Lets go of the response, and remembers what the next one is asked for with. */
    private void drop() {
        EventParser ended = parser;
        if (ended != null) {
            lastEventId = ended.lastEventId();
            Duration set = ended.retry();
            retry = set == null ? retry : set;
        }
        parser = null;
        body = null;
        Closer.closeQuietly(response);
        response = null;
    }
}
