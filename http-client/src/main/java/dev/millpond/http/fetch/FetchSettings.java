package dev.millpond.http.fetch;

import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * What a {@link Fetcher} needs to know.
 *
 * @param callbackExecutor where user code runs: handlers, and whatever depends on a future
 * @param connectTimeout for look-up and connect together, and once more for the TLS handshake
 * @param sslContext asked when the first connection is to be secured
 */
public record FetchSettings(
        Executor callbackExecutor,
        int maxConnectionsTotal,
        int maxConnectionsPerRoute,
        Duration connectTimeout,
        ResponseLimits limits,
        ResponseStorage storage,
        Supplier<SSLContext> sslContext,
        String userAgent) {}
