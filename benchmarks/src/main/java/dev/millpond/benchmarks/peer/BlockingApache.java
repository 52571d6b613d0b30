package dev.millpond.benchmarks.peer;

import java.io.IOException;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.io.CloseMode;

/** Apache's blocking client over whatever it was built on. */
abstract class BlockingApache implements Peer {

    private final String url;
    private final CloseableHttpClient client;

    BlockingApache(String url, CloseableHttpClient client) {
        this.url = url;
        this.client = client;
    }

    @Override
    public final void fetch(ReplyListener listener) {
        throw new UnsupportedOperationException("blocking only");
    }

    @Override
    public final Reply get() throws IOException {
        return client.execute(ClassicRequestBuilder.get(url).build(), BlockingApache::reply);
    }

    private static Reply reply(ClassicHttpResponse response) throws IOException {
        return new Reply(response.getCode(), EntityUtils.toByteArray(response.getEntity()).length);
    }

    @Override
    public final void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
