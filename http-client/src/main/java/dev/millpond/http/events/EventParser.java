package dev.millpond.http.events;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of bytes as they come (WHATWG HTML standard, section 9.2.6): any line end, a byte order mark at the
 * beginning, comments, several lines of data. What isn't UTF-8 is replaced; an event without its empty line at the end
 * of the stream never was one. Not thread-safe.
 */
public final class EventParser {

    /** 1 MiB. */
    public static final int DEFAULT_MAX_EVENT_SIZE = 1 << 20;

    private static final int MAX_RETRY_DIGITS = 15;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final int maxEventSize;
    private final Consumer<? super ServerSentEvent> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean firstLine = true;
    private boolean afterCarriageReturn;
    private int size;
    private String event = "";
    private String nextId;
    private String lastEventId;
    private @Nullable Duration eventRetry;
    private @Nullable Duration retry;

    /**
     * Parses one stream.
     *
     * @param lastEventId that of the streams before, or empty
     * @param maxEventSize in bytes, names of fields included; a comment may be as long
     * @param events gets the events, on the thread that feeds
     * @throws IllegalArgumentException if the limit is below 1
     */
    public EventParser(String lastEventId, int maxEventSize, Consumer<? super ServerSentEvent> events) {
        if (maxEventSize < 1) {
            throw new IllegalArgumentException("maxEventSize: expected 1 or more, got " + maxEventSize);
        }
        this.nextId = lastEventId;
        this.lastEventId = lastEventId;
        this.maxEventSize = maxEventSize;
        this.events = events;
    }

    /**
     * The one to reconnect with: of the last event that was complete, be it one without data. Empty if there is none.
     */
    public String lastEventId() {
        return lastEventId;
    }

    /** The time to wait before reconnecting that the stream has set last, or null. */
    public @Nullable Duration retry() {
        return retry;
    }

    /** @throws EventTooLargeException if an event or a line exceeds the limit; then nothing more can be fed */
    public void feed(byte[] bytes, int offset, int length) throws EventTooLargeException {
        for (int i = offset; i < offset + length; i++) {
            byte octet = bytes[i];
            boolean secondHalf = octet == '\n' && afterCarriageReturn;
            afterCarriageReturn = octet == '\r';
            if (octet == '\n' || octet == '\r') {
                if (!secondHalf) {
                    endLine();
                }
            } else {
                line.write(octet);
                check(size + line.size());
            }
        }
    }

    private void check(int bytes) throws EventTooLargeException {
        if (bytes > maxEventSize) {
            throw new EventTooLargeException(maxEventSize);
        }
    }

    private void endLine() {
        int length = line.size();
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (firstLine && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        firstLine = false;
        if (text.isEmpty()) {
            dispatch();
        } else if (text.charAt(0) != ':') {
            size += length;
            field(text);
        }
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + (text.startsWith(" ", colon + 1) ? 2 : 1));
        switch (name) {
            case "data" -> data.append(value).append('\n');
            case "event" -> event = value;
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    nextId = value;
                }
            }
            case "retry" -> retry(value);
            default -> {}
        }
    }

    private void retry(String value) {
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            String digits = value.replaceFirst("^0+(?=.)", "");
            long millis = digits.length() > MAX_RETRY_DIGITS ? Long.MAX_VALUE / 1_000_000 : Long.parseLong(digits);
            eventRetry = Duration.ofMillis(Math.min(millis, Long.MAX_VALUE / 1_000_000));
            retry = eventRetry;
        }
    }

    private void dispatch() {
        lastEventId = nextId;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            ServerSentEvent complete =
                    new ServerSentEvent(lastEventId, event.isEmpty() ? "message" : event, data.toString(), eventRetry);
            data.setLength(0);
            reset();
            events.accept(complete);
        } else {
            reset();
        }
    }

    private void reset() {
        event = "";
        eventRetry = null;
        size = 0;
    }
}
