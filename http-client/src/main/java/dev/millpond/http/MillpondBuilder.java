package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.fetch.FetchSettings;
import dev.millpond.http.fetch.Fetcher;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Millpond}. The defaults suit most; each setter says its own. Not thread-safe. */
public final class MillpondBuilder {

    private @Nullable Integer eventLoopThreads;
    private @Nullable Executor callbackExecutor;
    private int maxConnectionsTotal = Descriptors.connections();
    private @Nullable Integer maxConnectionsPerRoute;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private ResponseLimits limits = ResponseLimits.DEFAULTS;
    private long memoryBudget = ResponseStorage.defaultMemoryBudget();
    private @Nullable Long spillThreshold;
    private Path spillDirectory = ResponseStorage.defaultSpillDirectory();
    private Supplier<SSLContext> sslContext = MillpondBuilder::defaultSslContext;

    MillpondBuilder() {}

    /** Number of event loops, each a daemon thread. Default: one a processor, at most 8. */
    public MillpondBuilder eventLoopThreads(int threads) {
        eventLoopThreads = requirePositive("eventLoopThreads", threads);
        return this;
    }

    /**
     * Where response handlers run, blocking request bodies are written, and futures complete. Default: a virtual thread
     * each where the JDK has them, else a small fork-join pool of daemon threads. {@code Runnable::run} runs them on
     * the event loop, which saves a thread switch and is for code that never blocks; blocking request bodies fail
     * there.
     */
    public MillpondBuilder callbackExecutor(Executor executor) {
        callbackExecutor = Objects.requireNonNull(executor, "callbackExecutor");
        return this;
    }

    /**
     * Connections at most, to all routes together; fetches beyond that wait for one. Default: three quarters of the
     * descriptors that the process may have, at most 16,384.
     */
    public MillpondBuilder maxConnectionsTotal(int connections) {
        maxConnectionsTotal = requirePositive("maxConnectionsTotal", connections);
        return this;
    }

    /** Connections at most to one route: scheme, host and port. Default: {@code maxConnectionsTotal}. */
    public MillpondBuilder maxConnectionsPerRoute(int connections) {
        maxConnectionsPerRoute = requirePositive("maxConnectionsPerRoute", connections);
        return this;
    }

    /** Bound for look-up and connect together, and for the TLS handshake after it. Default: 10 s. */
    public MillpondBuilder connectTimeout(Duration timeout) {
        connectTimeout = requirePositive("connectTimeout", timeout);
        return this;
    }

    /** Longest time of an exchange without a byte in either direction. Default: 1 minute. */
    public MillpondBuilder socketTimeout(Duration timeout) {
        limits = limits.socketTimeout(timeout);
        return this;
    }

    /**
     * Longest time for a fetch, from the call to the last byte of the response: lease, look-up, connect, TLS, request
     * and body. Default: 5 minutes.
     */
    public MillpondBuilder responseDeadline(Duration deadline) {
        limits = limits.responseDeadline(deadline);
        return this;
    }

    /**
     * Largest body of a response, in bytes as on the wire. What doesn't fit into the memory budget is kept in a file.
     * Default: 16 GiB.
     */
    public MillpondBuilder maxResponseSize(long bytes) {
        limits = limits.maxResponseSize(bytes);
        return this;
    }

    /**
     * Bytes on the heap that all responses may hold together: those in flight, and those that are complete, until they
     * are closed or garbage. Responses that come when it is used up are kept in files. Default: a quarter of the
     * maximum heap.
     */
    public MillpondBuilder memoryBudget(long bytes) {
        memoryBudget = requireNotNegative("memoryBudget", bytes);
        return this;
    }

    /** Bytes of one response from which on it is kept in a file. Default: an eighth of the memory budget. */
    public MillpondBuilder spillThreshold(long bytes) {
        spillThreshold = requireNotNegative("spillThreshold", bytes);
        return this;
    }

    /**
     * Where to make a private directory for such files, once one is needed; they are deleted with their responses, and
     * at the next start those of a process that has crashed. Default: the system's temporary directory.
     */
    public MillpondBuilder spillDirectory(Path directory) {
        spillDirectory = Objects.requireNonNull(directory, "spillDirectory");
        return this;
    }

    /** Trust and keys for https. Default: {@link SSLContext#getDefault()}, asked at the first connection. */
    public MillpondBuilder sslContext(SSLContext context) {
        Objects.requireNonNull(context, "sslContext");
        sslContext = () -> context;
        return this;
    }

    public Millpond build() {
        AsyncCore core = core();
        ExecutorService ownExecutor = callbackExecutor == null ? CallbackExecutors.create() : null;
        FetchSettings settings = new FetchSettings(
                ownExecutor != null
                        ? new CallbackQueue(core, ownExecutor, CallbackExecutors.capacity(ownExecutor))
                        : Objects.requireNonNull(callbackExecutor),
                maxConnectionsTotal,
                maxConnectionsPerRoute != null ? maxConnectionsPerRoute : maxConnectionsTotal,
                connectTimeout,
                limits,
                storage(),
                sslContext,
                userAgent());
        return new Millpond(core, new Fetcher(core, settings), ownExecutor);
    }

    private AsyncCore core() {
        return eventLoopThreads == null
                ? AsyncCore.create()
                : AsyncCore.builder().eventLoopThreads(eventLoopThreads).build();
    }

    private ResponseStorage storage() {
        long threshold = spillThreshold != null ? spillThreshold : ResponseStorage.defaultSpillThreshold(memoryBudget);
        return new ResponseStorage(memoryBudget, threshold, spillDirectory);
    }

    private static String userAgent() {
        String version = Millpond.class.getPackage().getImplementationVersion();
        return version == null ? "Millpond" : "Millpond/" + version;
    }

    private static SSLContext defaultSslContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no default SSLContext: " + e.getMessage(), e);
        }
    }

    private static int requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected at least 1, got " + value);
        }
        return value;
    }

    private static long requireNotNegative(String name, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(name + ": expected 0 or more, got " + bytes);
        }
        return bytes;
    }

    private static Duration requirePositive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + ": expected more than zero, got " + duration);
        }
        return duration;
    }
}
