package dev.millpond.benchmarks.peer;

import java.io.IOException;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Result;

public final class Jetty implements Peer {

    /** It refuses more than 2 MiB by default. */
    private static final int MAX_BODY = 256 << 20;

    private final String url;
    private final HttpClient client = new HttpClient();

    public Jetty(String url, int connections) throws Exception {
        this.url = url;
        client.setMaxConnectionsPerDestination(connections);
        // Requests wait in a queue for a connection; it refuses what comes beyond that.
        client.setMaxRequestsQueuedPerDestination(Math.max(connections, 1024));
        client.start();
    }

    @Override
    public void fetch(ReplyListener listener) {
        client.newRequest(url).send(new BufferingResponseListener(MAX_BODY) {
            @Override
            public void onComplete(Result result) {
                if (result.isFailed()) {
                    listener.onFailure(result.getFailure());
                } else {
                    byte[] body = getContent();
                    listener.onReply(result.getResponse().getStatus(), body == null ? 0 : body.length);
                }
            }
        });
    }

    @Override
    public Reply get() throws Exception {
        ContentResponse response = new CompletableResponseListener(client.newRequest(url), MAX_BODY)
                .send()
                .get();
        return new Reply(response.getStatus(), response.getContent().length);
    }

    @Override
    public void close() throws IOException {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
