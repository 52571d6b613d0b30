package dev.millpond.cli;

import dev.millpond.http.Millpond;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.Timeout;

/** The same URL by stock Apache HttpClient and by Millpond, and in words what became of it. */
final class DemoClients implements Closeable {

    private final CloseableHttpClient apache;
    private final Millpond millpond;

    /** @param limit the socket timeout of both, and Millpond's deadline */
    DemoClients(Duration limit) {
        Timeout timeout = Timeout.of(limit);
        apache = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setSocketTimeout(timeout)
                                .build())
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(timeout).build())
                .build();
        millpond =
                Millpond.builder().socketTimeout(limit).responseDeadline(limit).build();
    }

    /** Watches the client for some time, as it may never come to an end. */
    String apache(String url, Duration watched) {
        long startedAt = System.nanoTime();
        AtomicInteger status = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        CompletableFuture<Void> exchange = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                apache.execute(ClassicRequestBuilder.get(url).build(), response -> readAll(response, status, read));
                exchange.complete(null);
            } catch (IOException e) {
                exchange.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        try {
            exchange.get(watched.toMillis(), TimeUnit.MILLISECONDS);
            return "a response";
        } catch (TimeoutException e) {
            return "still reading after " + since(startedAt) + ", a thread parked: the application has status " + status
                    + " and " + read + " bytes";
        } catch (ExecutionException e) {
            return "the application got status " + status + " and read " + read + " bytes, then after "
                    + since(startedAt) + " " + Failures.reason(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static boolean readAll(ClassicHttpResponse response, AtomicInteger status, AtomicInteger read)
            throws IOException {
        status.set(response.getCode());
        try (InputStream body = response.getEntity().getContent()) {
            while (body.read() >= 0) {
                read.incrementAndGet();
            }
        }
        return true;
    }

    String millpond(String url) {
        long startedAt = System.nanoTime();
        try {
            millpond.fetch(ClassicRequestBuilder.get(url).build()).join();
            return "a response";
        } catch (CompletionException e) {
            return "fails after " + since(startedAt) + ", no byte handed out: " + Failures.reason(e);
        }
    }

    private static String since(long startedAt) {
        return Durations.text(Duration.ofNanos(System.nanoTime() - startedAt));
    }

    @Override
    public void close() throws IOException {
        millpond.close();
        apache.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
    }
}
