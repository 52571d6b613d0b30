package dev.millpond.benchmarks.peer;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

public final class OkHttp implements Peer {

    private final String url;
    private final OkHttpClient client;

    public OkHttp(String url, int connections) {
        this.url = url;
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(connections);
        dispatcher.setMaxRequestsPerHost(connections);
        // It bounds idle connections: with the default of 5 most would be closed after each response.
        ConnectionPool pool = new ConnectionPool(connections, 5, TimeUnit.MINUTES);
        client = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(pool)
                .build();
    }

    @Override
    public void fetch(ReplyListener listener) {
        call().enqueue(new Callback() {
            @Override
            public void onResponse(Call call, Response response) throws IOException {
                Reply reply = reply(response);
                listener.onReply(reply.status(), reply.length());
            }

            @Override
            public void onFailure(Call call, IOException cause) {
                listener.onFailure(cause);
            }
        });
    }

    @Override
    public Reply get() throws IOException {
        return reply(call().execute());
    }

    private Call call() {
        return client.newCall(new Request.Builder().url(url).build());
    }

    private static Reply reply(Response response) throws IOException {
        try (response) {
            return new Reply(response.code(), response.body().bytes().length);
        }
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
