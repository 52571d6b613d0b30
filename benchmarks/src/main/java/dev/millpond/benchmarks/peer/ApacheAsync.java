package dev.millpond.benchmarks.peer;

import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;

public final class ApacheAsync implements Peer {

    private final String url;
    private final CloseableHttpAsyncClient client;

    public ApacheAsync(String url, int connections) {
        this.url = url;
        this.client = client(connections);
    }

    static CloseableHttpAsyncClient client(int connections) {
        CloseableHttpAsyncClient client = HttpAsyncClients.custom()
                .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(connections)
                        .setMaxConnPerRoute(connections)
                        .build())
                .build();
        client.start();
        return client;
    }

    @Override
    public void fetch(ReplyListener listener) {
        client.execute(SimpleRequestBuilder.get(url).build(), new FutureCallback<SimpleHttpResponse>() {
            @Override
            public void completed(SimpleHttpResponse response) {
                byte[] body = response.getBodyBytes();
                listener.onReply(response.getCode(), body == null ? 0 : body.length);
            }

            @Override
            public void failed(Exception cause) {
                listener.onFailure(cause);
            }

            @Override
            public void cancelled() {
                listener.onFailure(new java.util.concurrent.CancellationException());
            }
        });
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
