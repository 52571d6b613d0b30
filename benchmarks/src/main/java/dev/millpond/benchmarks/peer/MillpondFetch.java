package dev.millpond.benchmarks.peer;

import dev.millpond.http.Millpond;
import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

public final class MillpondFetch implements Peer {

    private final String url;
    private final Millpond millpond;

    public MillpondFetch(String url, int connections) {
        this.url = url;
        this.millpond = Millpond.builder().maxConnectionsTotal(connections).build();
    }

    @Override
    public void fetch(ReplyListener listener) {
        millpond.fetch(ClassicRequestBuilder.get(url).build(), MillpondFetch::reply)
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        listener.onFailure(failure);
                    } else {
                        listener.onReply(reply.status(), reply.length());
                    }
                });
    }

    /** Not by EntityUtils, which take a buffer of 4 KiB for any body. */
    private static Reply reply(ClassicHttpResponse response) throws IOException {
        return new Reply(response.getCode(), response.getEntity().getContent().readAllBytes().length);
    }

    @Override
    public void close() {
        millpond.close();
    }
}
