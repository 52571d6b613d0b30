package dev.millpond.benchmarks.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
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
                .compose(VertxClient::send);
    }

    /** Asks for the body before it sends: asked later, from another thread than the connection's, it may miss it. */
    private static Future<Reply> send(HttpClientRequest request) {
        Future<Reply> reply = request.response().compose(response -> response.body()
                .map(body -> new Reply(response.statusCode(), body.getBytes().length)));
        request.end();
        return reply;
    }

    @Override
    public void close() {
        vertx.close();
    }
}
