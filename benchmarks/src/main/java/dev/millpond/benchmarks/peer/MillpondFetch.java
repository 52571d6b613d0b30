package dev.millpond.benchmarks.peer;

import dev.millpond.http.Millpond;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
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

    static Reply reply(ClassicHttpResponse response) throws java.io.IOException {
        return new Reply(response.getCode(), EntityUtils.toByteArray(response.getEntity()).length);
    }

    @Override
    public void close() {
        millpond.close();
    }
}
