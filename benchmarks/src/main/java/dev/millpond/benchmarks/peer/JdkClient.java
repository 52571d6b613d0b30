package dev.millpond.benchmarks.peer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The JDK's client, told to speak HTTP/1.1 like all others: else it would ask for an upgrade with every request. */
public final class JdkClient implements Peer {

    private final URI uri;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Opens as many connections as it has requests in flight. */
    public JdkClient(String url, int connections) {
        this.uri = URI.create(url);
    }

    @Override
    public void fetch(ReplyListener listener) {
        client.sendAsync(request(), BodyHandlers.ofByteArray()).whenComplete((response, failure) -> {
            if (failure != null) {
                listener.onFailure(failure);
            } else {
                listener.onReply(response.statusCode(), response.body().length);
            }
        });
    }

    @Override
    public Reply get() throws IOException, InterruptedException {
        HttpResponse<byte[]> response = client.send(request(), BodyHandlers.ofByteArray());
        return new Reply(response.statusCode(), response.body().length);
    }

    private HttpRequest request() {
        return HttpRequest.newBuilder(uri).build();
    }

    /** It has nothing to close before JDK 21; the process ends anyway. */
    @Override
    public void close() {}
}
