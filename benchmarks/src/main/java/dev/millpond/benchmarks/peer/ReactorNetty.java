package dev.millpond.benchmarks.peer;

import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

public final class ReactorNetty implements Peer {

    private static final byte[] EMPTY = {};

    private final String url;
    private final ConnectionProvider connections;
    private final HttpClient client;

    public ReactorNetty(String url, int connections) {
        this.url = url;
        this.connections = ConnectionProvider.builder("benchmark")
                .maxConnections(connections)
                .pendingAcquireMaxCount(-1)
                .build();
        this.client = HttpClient.create(this.connections);
    }

    @Override
    public void fetch(ReplyListener listener) {
        exchange().subscribe(reply -> listener.onReply(reply.status(), reply.length()), listener::onFailure);
    }

    @Override
    public Reply get() {
        return Objects.requireNonNull(exchange().block());
    }

    private Mono<Reply> exchange() {
        return client.get().uri(url).responseSingle((response, body) -> body.asByteArray()
                .defaultIfEmpty(EMPTY)
                .map(bytes -> new Reply(response.status().code(), bytes.length)));
    }

    @Override
    public void close() {
        connections.dispose();
    }
}
