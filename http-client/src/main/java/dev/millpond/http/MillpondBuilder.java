package dev.millpond.http;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.connect.TlsUpgrade;
import dev.millpond.http.fetch.ChainBuilder;
import dev.millpond.http.fetch.FetchSettings;
import dev.millpond.http.fetch.Fetcher;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.ConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.UserTokenHandler;
import org.apache.hc.client5.http.auth.AuthSchemeFactory;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.cookie.CookieSpecFactory;
import org.apache.hc.client5.http.cookie.CookieStore;
import org.apache.hc.client5.http.impl.DefaultUserTokenHandler;
import org.apache.hc.client5.http.protocol.RedirectStrategy;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.HttpResponseInterceptor;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Millpond}. The defaults suit most; each setter says its own. Not thread-safe. */
public final class MillpondBuilder {

    private @Nullable Integer eventLoopThreads;
    private @Nullable Executor callbackExecutor;
    private @Nullable Integer maxConnectionsTotal;
    private @Nullable Integer maxConnectionsPerRoute;
    private final ConnectBuilder connect = new ConnectBuilder();
    private UserTokenHandler userTokens = DefaultUserTokenHandler.INSTANCE;
    private ResponseLimits limits = ResponseLimits.DEFAULTS;
    private long memoryBudget = ResponseStorage.defaultMemoryBudget();
    private @Nullable Long spillThreshold;
    private Path spillDirectory = ResponseStorage.defaultSpillDirectory();
    private final ChainBuilder chain = new ChainBuilder();

    MillpondBuilder() {}

    /** Number of event loops, each a daemon thread. Default: one a processor, at most 8. */
    public MillpondBuilder eventLoopThreads(int threads) {
        eventLoopThreads = requirePositive("eventLoopThreads", threads);
        return this;
    }

    /**
     * Where response handlers run, blocking request bodies are written, and futures complete. Default: one daemon
     * thread, and a virtual thread each while it is busy, where the JDK has them; else a small fork-join pool of daemon
     * threads. {@code Runnable::run} runs them on the event loop, which saves a thread switch and is for code that
     * never blocks; blocking request bodies fail there.
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

    /**
     * Connections at most to one route: scheme, host and port, and the way there. Default: {@code maxConnectionsTotal}.
     */
    public MillpondBuilder maxConnectionsPerRoute(int connections) {
        maxConnectionsPerRoute = requirePositive("maxConnectionsPerRoute", connections);
        return this;
    }

    /**
     * Bound for look-up and connect together, and for each TLS handshake after it, where neither the request's
     * configuration nor a {@code ConnectionConfig} or {@code TlsConfig} says otherwise. Default: 10 s.
     */
    public MillpondBuilder connectTimeout(Duration timeout) {
        connect.connectTimeout = requirePositive("connectTimeout", timeout);
        return this;
    }

    /**
     * Longest time of an exchange without a byte in either direction, where neither the request's configuration
     * ({@code responseTimeout}) nor a {@code ConnectionConfig} or {@code SocketConfig} says otherwise. Default: 1
     * minute.
     */
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

    /**
     * Trust and keys for https, with host names verified by the JDK. Not asked if there is a TLS strategy. Default:
     * {@link SSLContext#getDefault()}, asked at the first connection.
     */
    public MillpondBuilder sslContext(SSLContext context) {
        connect.sslContext = Objects.requireNonNull(context, "sslContext");
        return this;
    }

    /**
     * How connections are secured, through the asynchronous face of what Apache's blocking clients are given. Sessions
     * are verified on the callback executor; {@code initializeEngine} runs on an event loop, so it must not block.
     *
     * @throws IllegalArgumentException if the strategy can't be honoured without an {@code SSLSocket}: it has to be a
     *     {@code DefaultClientTlsStrategy}, or be a {@link TlsStrategy} too
     */
    public MillpondBuilder tlsSocketStrategy(TlsSocketStrategy strategy) {
        connect.tlsStrategy = TlsUpgrade.asynchronous(Objects.requireNonNull(strategy, "tlsSocketStrategy"));
        return this;
    }

    /** As {@link #tlsSocketStrategy}, with what Apache's asynchronous clients are given. */
    public MillpondBuilder tlsStrategy(TlsStrategy strategy) {
        Objects.requireNonNull(strategy, "tlsStrategy");
        connect.tlsStrategy = strategy instanceof TlsSocketStrategy both ? TlsUpgrade.asynchronous(both) : strategy;
        return this;
    }

    /** Protocols, cipher suites and handshake timeout for all hosts, proxies included. HTTP/2 is never offered. */
    public MillpondBuilder tlsConfig(TlsConfig config) {
        Objects.requireNonNull(config, "tlsConfig");
        return tlsConfigResolver(host -> config);
    }

    /** As {@link #tlsConfig}, for each host; null is the default. */
    public MillpondBuilder tlsConfigResolver(Resolver<HttpHost, TlsConfig> resolver) {
        connect.tlsConfig = Objects.requireNonNull(resolver, "tlsConfigResolver");
        return this;
    }

    /**
     * Connect timeout, socket timeout, idle timeout and time to live of all connections. There is nothing to validate
     * after inactivity: a connection that the server has closed leaves the pool at once.
     */
    public MillpondBuilder connectionConfig(ConnectionConfig config) {
        Objects.requireNonNull(config, "connectionConfig");
        return connectionConfigResolver(route -> config);
    }

    /** As {@link #connectionConfig}, for each route; null is the default. */
    public MillpondBuilder connectionConfigResolver(Resolver<HttpRoute, ConnectionConfig> resolver) {
        connect.connectionConfig = Objects.requireNonNull(resolver, "connectionConfigResolver");
        return this;
    }

    /** Socket options, the socket timeout, and the SOCKS proxy (version 5) of all connections. */
    public MillpondBuilder socketConfig(SocketConfig config) {
        Objects.requireNonNull(config, "socketConfig");
        return socketConfigResolver(route -> config);
    }

    /** As {@link #socketConfig}, for each route; null is the default. */
    public MillpondBuilder socketConfigResolver(Resolver<HttpRoute, SocketConfig> resolver) {
        connect.socketConfig = Objects.requireNonNull(resolver, "socketConfigResolver");
        return this;
    }

    /**
     * Finds addresses, on the callback executor, where it may block. Default: the hosts file and DNS, asked by the
     * asynchronous core.
     */
    public MillpondBuilder dnsResolver(DnsResolver resolver) {
        connect.dnsResolver = Objects.requireNonNull(resolver, "dnsResolver");
        return this;
    }

    /** Finds the ports of URIs that name none. Default: 80 and 443. */
    public MillpondBuilder schemePortResolver(SchemePortResolver resolver) {
        connect.ports = Objects.requireNonNull(resolver, "schemePortResolver");
        return this;
    }

    /**
     * Finds the route of each request: proxy, tunnel, local address. Called on the thread that fetches, and for further
     * exchanges of a fetch on the callback executor. Goes before all other settings of that kind. Default: directly to
     * the target, or as the request's configuration says ({@code proxy}, {@code unixDomainSocket}).
     */
    public MillpondBuilder routePlanner(HttpRoutePlanner planner) {
        connect.routePlanner = Objects.requireNonNull(planner, "routePlanner");
        return this;
    }

    /** The proxy for all requests; {@code https} targets are reached through a tunnel. Its scheme may be https too. */
    public MillpondBuilder proxy(HttpHost proxy) {
        connect.proxy = Objects.requireNonNull(proxy, "proxy");
        return this;
    }

    /**
     * Finds the proxy for each request, on the thread that fetches; SOCKS proxies are left to {@link #socketConfig}.
     */
    public MillpondBuilder proxySelector(ProxySelector selector) {
        connect.proxySelector = Objects.requireNonNull(selector, "proxySelector");
        return this;
    }

    /**
     * Heeds what the JVM was told for its own connections, as far as nothing else is set here: its default
     * {@link ProxySelector} ({@code http.proxyHost}, {@code https.proxyHost}, {@code http.nonProxyHosts}), its default
     * {@link java.net.Authenticator}, {@code https.protocols} and {@code https.cipherSuites}, {@code http.agent} and
     * {@code http.keepAlive}. Without it, as with Apache's client, no property and no variable of the environment
     * counts here.
     */
    public MillpondBuilder useSystemProperties() {
        connect.systemProperties = true;
        chain.useSystemProperties();
        return this;
    }

    /**
     * Lets all requests share all connections, also those with a client certificate or a login of their own, where
     * everything is done in the name of one user. By default, as with Apache's client, such a connection is only for
     * requests whose context has the user token that its context had.
     */
    public MillpondBuilder disableConnectionState() {
        userTokens = (route, context) -> null;
        return this;
    }

    /** For requests that have none of their own, nor their context. Default: {@link RequestConfig#DEFAULT}. */
    public MillpondBuilder defaultRequestConfig(RequestConfig config) {
        chain.requestConfig(Objects.requireNonNull(config, "config"));
        return this;
    }

    /** Fields for all requests that don't bring the same. Default: none. */
    public MillpondBuilder defaultHeaders(Collection<? extends Header> headers) {
        chain.defaultHeaders(headers);
        return this;
    }

    /** The User-Agent of requests that don't bring one. Default: {@code Millpond/} and the version. */
    public MillpondBuilder userAgent(String product) {
        chain.userAgent(Objects.requireNonNull(product, "product"));
        return this;
    }

    /** Called with each request that goes out, before Apache's own interceptors. */
    public MillpondBuilder addRequestInterceptorFirst(HttpRequestInterceptor interceptor) {
        chain.addRequestFirst(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Called with each request that goes out, after Apache's own interceptors. */
    public MillpondBuilder addRequestInterceptorLast(HttpRequestInterceptor interceptor) {
        chain.addRequestLast(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Called with each response that comes back, redirects and challenges too, before cookies are taken from it. */
    public MillpondBuilder addResponseInterceptorFirst(HttpResponseInterceptor interceptor) {
        chain.addResponseFirst(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Called with each response that comes back, redirects and challenges too, after cookies are taken from it. */
    public MillpondBuilder addResponseInterceptorLast(HttpResponseInterceptor interceptor) {
        chain.addResponseLast(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Default: {@link org.apache.hc.client5.http.impl.DefaultRedirectStrategy}. */
    public MillpondBuilder redirectStrategy(RedirectStrategy strategy) {
        chain.redirects(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    /** Hands redirects to the caller. */
    public MillpondBuilder disableRedirects() {
        chain.redirects(null);
        return this;
    }

    /**
     * Says what is worth another attempt, and after how long; no thread waits meanwhile. Default:
     * {@link org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy}: idempotent requests that failed on the
     * way, and 429 and 503, once, after Retry-After or 1 s.
     */
    public MillpondBuilder retryStrategy(HttpRequestRetryStrategy strategy) {
        chain.retries(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    /** Sends no request twice, but for redirects and challenges. */
    public MillpondBuilder disableRetries() {
        chain.retries(null);
        return this;
    }

    /** Default: a new {@link org.apache.hc.client5.http.cookie.BasicCookieStore}. */
    public MillpondBuilder cookieStore(CookieStore store) {
        chain.cookieStore(Objects.requireNonNull(store, "store"));
        return this;
    }

    /** Sends no cookies but those of the request's own fields, and keeps none. */
    public MillpondBuilder disableCookies() {
        chain.noCookies();
        return this;
    }

    /** Default: Apache's own. */
    public MillpondBuilder cookieSpecRegistry(Lookup<CookieSpecFactory> registry) {
        chain.cookieSpecs(Objects.requireNonNull(registry, "registry"));
        return this;
    }

    /** Whom to be for servers and proxies, asked on the callback executor. Default: nobody. */
    public MillpondBuilder credentialsProvider(CredentialsProvider provider) {
        chain.credentials(Objects.requireNonNull(provider, "provider"));
        return this;
    }

    /** Default: Apache's own: Basic, Digest, Bearer, SCRAM-SHA-256. Schemes bound to a connection don't work. */
    public MillpondBuilder authSchemeRegistry(Lookup<AuthSchemeFactory> registry) {
        chain.authSchemes(Objects.requireNonNull(registry, "registry"));
        return this;
    }

    /** Default: {@link org.apache.hc.client5.http.impl.DefaultAuthenticationStrategy}. */
    public MillpondBuilder targetAuthenticationStrategy(AuthenticationStrategy strategy) {
        chain.targetAuthentication(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    /** Default: {@link org.apache.hc.client5.http.impl.DefaultAuthenticationStrategy}. */
    public MillpondBuilder proxyAuthenticationStrategy(AuthenticationStrategy strategy) {
        chain.proxyAuthentication(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    /** Asks for no encoded content, and hands it on as it comes. */
    public MillpondBuilder disableContentDecoding() {
        chain.noDecoding();
        return this;
    }

    /**
     * Bytes that may come out of an encoded body; beyond them reading it fails with
     * {@link dev.millpond.bridge.ResponseTooLargeException}. Default: 16 GiB.
     */
    public MillpondBuilder maxDecodedSize(long bytes) {
        chain.maxDecodedSize(bytes);
        return this;
    }

    /**
     * Bytes that may come out of an encoded body for each of its bytes on the wire, once more than 16 MiB have; beyond
     * them reading it fails with {@link dev.millpond.bridge.ResponseTooLargeException}. Default: 200.
     */
    public MillpondBuilder maxDecodedRatio(int ratio) {
        chain.maxDecodedRatio(ratio);
        return this;
    }

    /**
     * For how long to keep a connection. Default:
     * {@link org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy}.
     */
    public MillpondBuilder keepAliveStrategy(ConnectionKeepAliveStrategy strategy) {
        chain.keepAlive(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    /** Whether to keep it. Default: {@link org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy}. */
    public MillpondBuilder connectionReuseStrategy(ConnectionReuseStrategy strategy) {
        chain.reuse(Objects.requireNonNull(strategy, "strategy"));
        return this;
    }

    public Millpond build() {
        AsyncCore core = core();
        int connections = maxConnectionsTotal != null ? maxConnectionsTotal : Descriptors.connections();
        ExecutorService ownExecutor = callbackExecutor == null ? CallbackExecutors.create() : null;
        Executor executor = ownExecutor != null
                ? new CallbackQueue(core, ownExecutor, CallbackExecutors.capacity(ownExecutor))
                : Objects.requireNonNull(callbackExecutor);
        ResponseStorage storage = storage();
        String userAgent = chain.userAgentOr(defaultUserAgent());
        FetchSettings settings = new FetchSettings(
                executor,
                connections,
                maxConnectionsPerRoute != null ? maxConnectionsPerRoute : connections,
                limits,
                storage,
                connect.routes(),
                connect.settings(
                        executor, storage, chain.proxyAuthentication(), chain.authenticatesElsewhere(), userAgent),
                userTokens,
                chain.build(userAgent));
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

    private static String defaultUserAgent() {
        String version = Millpond.class.getPackage().getImplementationVersion();
        return version == null ? "Millpond" : "Millpond/" + version;
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
