package dev.millpond.benchmarks.peer;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;

/**
 * A client that sends GET to one URL, as an application would: a new request each time, and the body of the response as
 * one byte array. Settings are the client's defaults, but for the number of connections and limits that would make the
 * runs fail. Adapters have a public constructor {@code (String url, int connections)}.
 */
public interface Peer extends Closeable {

    /** Sends a request; never waits for its response. */
    void fetch(ReplyListener listener);

    /** Sends a request and waits. */
    default Reply get() throws Exception {
        CompletableFuture<Reply> future = new CompletableFuture<>();
        fetch(new ReplyListener() {
            @Override
            public void onReply(int status, long length) {
                future.complete(new Reply(status, length));
            }

            @Override
            public void onFailure(Throwable cause) {
                future.completeExceptionally(cause);
            }
        });
        return future.get();
    }
}
