package dev.millpond.benchmarks.peer;

import java.io.IOException;
import org.asynchttpclient.AsyncCompletionHandlerBase;
import org.asynchttpclient.AsyncHttpClient;
import org.asynchttpclient.Dsl;
import org.asynchttpclient.Response;

/** AsyncHttpClient. */
public final class Ahc implements Peer {

    private final String url;
    private final AsyncHttpClient client;

    public Ahc(String url, int connections) {
        this.url = url;
        this.client =
                Dsl.asyncHttpClient(Dsl.config().setMaxConnections(connections).setMaxConnectionsPerHost(connections));
    }

    @Override
    public void fetch(ReplyListener listener) {
        client.prepareGet(url).execute(new AsyncCompletionHandlerBase() {
            @Override
            public Response onCompleted(Response response) {
                listener.onReply(response.getStatusCode(), response.getResponseBodyAsBytes().length);
                return response;
            }

            @Override
            public void onThrowable(Throwable cause) {
                listener.onFailure(cause);
            }
        });
    }

    @Override
    public Reply get() throws Exception {
        Response response = client.prepareGet(url).execute().get();
        return new Reply(response.getStatusCode(), response.getResponseBodyAsBytes().length);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
