package dev.millpond.benchmarks.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/** Vert.x core. */
public final class VertxClient implements Peer {

    private final String url;
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client;

    public VertxClient(String url, int connections) {
        this.url = url;
        this.client = vertx.createHttpClient(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(connections));
    }

    @Override
    public void fetch(ReplyListener listener) {
        exchange().onComplete(reply -> listener.onReply(reply.status(), reply.length()), listener::onFailure);
    }

    @Override
    public Reply get() throws Exception {
        return exchange().toCompletionStage().toCompletableFuture().get();
    }

    private Future<Reply> exchange() {
        return client.request(new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(url))
                .compose(request -> request.send())
                .compose(response ->
                        response.body().map(body -> new Reply(response.statusCode(), body.getBytes().length)));
    }

    @Override
    public void close() {
        vertx.close();
    }
}
