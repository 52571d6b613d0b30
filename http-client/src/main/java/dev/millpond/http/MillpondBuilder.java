package dev.millpond.http;

import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;

/** Settings of a {@link Millpond}. */
public final class MillpondBuilder {

    MillpondBuilder() {}

    public MillpondBuilder eventLoopThreads(int threads) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder callbackExecutor(Executor executor) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder maxConnectionsTotal(int connections) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder maxConnectionsPerRoute(int connections) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder connectTimeout(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder socketTimeout(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder responseDeadline(Duration deadline) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder maxResponseSize(long bytes) {
        throw new UnsupportedOperationException();
    }

    public MillpondBuilder sslContext(SSLContext context) {
        throw new UnsupportedOperationException();
    }

    public Millpond build() {
        return new Millpond();
    }
}
