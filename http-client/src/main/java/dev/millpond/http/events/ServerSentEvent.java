package dev.millpond.http.events;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One event of a stream (WHATWG HTML standard, section 9.2.6).
 *
 * @param id the last event ID: of this event, or if it has none, of the last one before it that had; empty if none had
 * @param event the event's type; "message" if the server has set none
 * @param data its lines, joined by line feeds
 * @param retry the time to wait before reconnecting, if the server has set it with this event
 */
public record ServerSentEvent(
        String id, String event, String data, @Nullable Duration retry) {}
