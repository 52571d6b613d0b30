package dev.millpond.benchmarks.peer;

import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;

public final class MillpondDropIn extends BlockingApache {

    public MillpondDropIn(String url, int connections) {
        super(
                url,
                HttpClients.custom()
                        .setConnectionManager(MillpondConnectionManagerBuilder.create()
                                .setMaxConnTotal(connections)
                                .setMaxConnPerRoute(connections)
                                .build())
                        .build());
    }
}
