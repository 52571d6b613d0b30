package dev.millpond.bridge;

import java.io.IOException;

/**
 * What becomes of one response. Called on the event loop, so it must not block: any number of {@link #onInterim}, then
 * once {@link #onComplete}, {@link #onLive} or {@link #onFailure}.
 */
public interface ResponseListener {

    /** An interim response (1xx other than 101), which has a head only. */
    default void onInterim(CompleteResponse interim) {
        interim.close();
    }

    /**
     * Whether the thread that writes the request then waits for its response, and runs the event loop itself meanwhile
     * if it may: see {@link dev.millpond.async.AsyncSocket#lead}. Asked by {@link ResponseStream#expect} only.
     */
    default boolean awaited() {
        return false;
    }

    /**
     * Whether a response is to be exposed now that its head is here, rather than when it is complete. Asked once for
     * each final response whose body is longer than what came with the head.
     *
     * @param head as on the wire, up to and including its empty line
     */
    default boolean live(byte[] head) {
        return false;
    }

    /** Only after {@link #live} has said so. The response's own failures come to its reader. */
    default void onLive(LiveResponse response) {
        response.close();
    }

    /**
     * Whether a response that is complete now may go without its head, because this listener has taken from it what it
     * needs. Asked where the response is on the heap; if its head is not kept, {@link CompleteResponse#inputStream()}
     * and {@link CompleteResponse#copyHead} throw {@link IllegalStateException}.
     *
     * @param bytes begin with the head as on the wire; another response's as soon as this returns
     * @param length of the head, up to and including its empty line
     */
    default boolean takesHead(byte[] bytes, int length) {
        return false;
    }

    void onComplete(CompleteResponse response);

    void onFailure(IOException failure);
}
