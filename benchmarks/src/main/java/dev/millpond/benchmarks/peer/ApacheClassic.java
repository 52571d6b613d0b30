package dev.millpond.benchmarks.peer;

import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;

public final class ApacheClassic extends BlockingApache {

    public ApacheClassic(String url, int connections) {
        super(
                url,
                HttpClients.custom()
                        .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                                .setMaxConnTotal(connections)
                                .setMaxConnPerRoute(connections)
                                .build())
                        .build());
    }
}
