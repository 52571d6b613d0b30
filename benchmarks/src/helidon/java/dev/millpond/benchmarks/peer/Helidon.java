package dev.millpond.benchmarks.peer;

import io.helidon.webclient.api.ClientResponseTyped;
import io.helidon.webclient.api.WebClient;

public final class Helidon implements Peer {

    private final String url;
    private final WebClient client;

    public Helidon(String url, int connections) {
        this.url = url;
        this.client = WebClient.builder().connectionCacheSize(connections).build();
    }

    @Override
    public void fetch(ReplyListener listener) {
        throw new UnsupportedOperationException("blocking only");
    }

    @Override
    public Reply get() {
        ClientResponseTyped<byte[]> response = client.get(url).request(byte[].class);
        return new Reply(response.status().code(), response.entity().length);
    }

    @Override
    public void close() {
        client.closeResource();
    }
}
