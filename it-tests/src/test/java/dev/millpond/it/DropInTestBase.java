package dev.millpond.it;

import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** An unmodified Apache client on Millpond. */
abstract class DropInTestBase {

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final List<AutoCloseable> toClose = new ArrayList<>();
    protected @Nullable PoolingHttpClientConnectionManager manager;

    @AfterEach
    void closeEverything() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    CloseableHttpClient client() {
        return client(MillpondConnectionManagerBuilder.create());
    }

    CloseableHttpClient client(PoolingHttpClientConnectionManagerBuilder builder) {
        return client(builder, http -> http);
    }

    CloseableHttpClient client(
            PoolingHttpClientConnectionManagerBuilder builder, UnaryOperator<HttpClientBuilder> settings) {
        PoolingHttpClientConnectionManager built = builder.build();
        manager = built;
        return closing(
                settings.apply(HttpClients.custom().setConnectionManager(built).disableAutomaticRetries())
                        .build());
    }

    static ConnectionConfig socketTimeout(int millis) {
        return ConnectionConfig.custom()
                .setSocketTimeout(Timeout.ofMilliseconds(millis))
                .build();
    }

    static ClassicHttpResponse execute(CloseableHttpClient client, ClassicHttpRequest request) throws IOException {
        return execute(client, request, null);
    }

    /** With a response that nobody closes. */
    @SuppressWarnings("deprecation")
    static ClassicHttpResponse execute(
            CloseableHttpClient client, ClassicHttpRequest request, @Nullable HttpContext context) throws IOException {
        return client.execute(request, context);
    }

    static String body(ClassicHttpResponse response) throws Exception {
        return EntityUtils.toString(response.getEntity());
    }

    static <T> FutureTask<T> background(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }
}
