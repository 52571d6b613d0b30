package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.Cancellable;
import dev.millpond.http.events.EventParser;
import dev.millpond.http.events.EventSource;
import dev.millpond.http.fetch.CallOptions;
import dev.millpond.http.fetch.Fetcher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.config.Configurable;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

/** Streams of events over live fetches. */
final class EventStreams {

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final AsyncCore core;
    private final Fetcher fetcher;
    private final Set<Pause> pauses = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    EventStreams(AsyncCore core, Fetcher fetcher) {
        this.core = core;
        this.fetcher = fetcher;
    }

    EventSource source(ClassicHttpRequest request, CallOptions options) {
        ClassicHttpRequest prepared = prepared(request);
        return new EventSource(
                lastEventId -> fetcher.fetchLive(asking(prepared, lastEventId), withConfig(request, options)),
                fetcher.settings().callbackExecutor(),
                this::delay,
                EventParser.DEFAULT_MAX_EVENT_SIZE);
    }

    /** As browsers ask (WHATWG HTML standard, section 9.2.2); encoded, events could not be read without a thread. */
    private static ClassicHttpRequest prepared(ClassicHttpRequest request) {
        ClassicHttpRequest prepared = ClassicRequestBuilder.copy(request).build();
        addIfAbsent(prepared, HttpHeaders.ACCEPT, ContentType.TEXT_EVENT_STREAM.getMimeType());
        addIfAbsent(prepared, HttpHeaders.CACHE_CONTROL, "no-store");
        addIfAbsent(prepared, HttpHeaders.ACCEPT_ENCODING, "identity");
        return prepared;
    }

    private static void addIfAbsent(ClassicHttpRequest request, String field, String value) {
        if (!request.containsHeader(field)) {
            request.addHeader(field, value);
        }
    }

    private static ClassicHttpRequest asking(ClassicHttpRequest prepared, String lastEventId) {
        ClassicHttpRequest request = ClassicRequestBuilder.copy(prepared).build();
        if (!lastEventId.isEmpty()) {
            // UTF-8, whose octets go out as they are.
            byte[] octets = lastEventId.getBytes(StandardCharsets.UTF_8);
            request.setHeader(LAST_EVENT_ID, new String(octets, StandardCharsets.ISO_8859_1));
        }
        return request;
    }

    /** With the configuration of the user's request, which its copies have not. */
    private static CallOptions withConfig(ClassicHttpRequest request, CallOptions options) {
        if (!(request instanceof Configurable configurable) || configurable.getConfig() == null) {
            return options;
        }
        HttpClientContext given = options.context();
        HttpClientContext context = given == null ? HttpClientContext.create() : given;
        context.setRequestConfig(configurable.getConfig());
        return new CallOptions(context, options.deadline(), options.onInterim());
    }

    /** No longer than until this is closed, so that every stream learns of that. */
    private Cancellable delay(Duration delay, Runnable task) {
        Pause pause = new Pause(task);
        pauses.add(pause);
        Cancellable timer = core.delay(delay, pause);
        if (closed) {
            pause.run();
        }
        return () -> {
            pauses.remove(pause);
            timer.cancel();
        };
    }

    private final class Pause implements Runnable {

        private final Runnable task;

        Pause(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (pauses.remove(this)) {
                task.run();
            }
        }
    }

    /** Ends the pauses before streams are opened again, which then fails: after the fetcher was closed. */
    void close() {
        closed = true;
        pauses.forEach(Pause::run);
    }
}
