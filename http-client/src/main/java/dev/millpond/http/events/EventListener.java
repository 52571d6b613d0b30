package dev.millpond.http.events;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/** What becomes of a stream of events. Called one at a time, in order, on the source's executor. */
public interface EventListener {

    /** The stream is open, for the first time or again. The response's entity is not to be read. */
    default void onOpen(ClassicHttpResponse response) {}

    void onEvent(ServerSentEvent event);

    /**
     * The stream has ended or broken, or could not be opened; it is opened again after the time to wait.
     *
     * @param cause null if it has come to its end
     */
    default void onLost(@Nullable Throwable cause) {}

    /** The server has asked to stop, by a 204. Nothing comes after it. */
    default void onEnd() {}

    /** Nothing comes after it. {@link EventStreamException}, {@link EventTooLargeException}, or whatever happened. */
    void onFailure(Throwable failure);
}
