package dev.millpond.it.consumer;

import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.Closeable;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** The one place that says what is under the consumers: a single connection, so that whoever keeps it is found out. */
final class Clients implements Closeable {

    static final Timeout LEASE_TIMEOUT = Timeout.ofSeconds(3);
    static final String USER = "user";
    static final String PASSWORD = "secret";

    private final PoolingHttpClientConnectionManager connections = MillpondConnectionManagerBuilder.create()
            .setMaxConnTotal(1)
            .setMaxConnPerRoute(1)
            .build();

    CloseableHttpClient client() {
        return client(HttpClients.custom());
    }

    CloseableHttpClient client(HttpClientBuilder builder) {
        return builder.setConnectionManager(connections)
                .setDefaultRequestConfig(requestConfig())
                .setDefaultCredentialsProvider(credentials())
                .setRetryStrategy(retries())
                .build();
    }

    PoolingHttpClientConnectionManager connections() {
        return connections;
    }

    RequestConfig requestConfig() {
        return RequestConfig.custom().setConnectionRequestTimeout(LEASE_TIMEOUT).build();
    }

    CredentialsProvider credentials() {
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope("localhost", -1), new UsernamePasswordCredentials(USER, PASSWORD.toCharArray()));
        return credentials;
    }

    /** Apache's default but for its second of rest. */
    DefaultHttpRequestRetryStrategy retries() {
        return new DefaultHttpRequestRetryStrategy(1, TimeValue.ZERO_MILLISECONDS);
    }

    @Override
    public void close() {
        connections.close();
    }
}
