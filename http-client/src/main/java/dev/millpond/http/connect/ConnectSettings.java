package dev.millpond.http.connect;

import dev.millpond.bridge.ResponseStorage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Connector} needs to know.
 *
 * @param stepExecutor where everything below is asked: the callback executor, or {@link #AT_ONCE} if none of it is code
 *     of the user's
 * @param callbackExecutor where proxies are logged in to, with credentials of the user's
 * @param storage where responses are kept
 * @param tlsStrategy asked when the first connection is to be secured
 * @param connectionConfig never null for any route
 * @param socketConfig null for any route: the core's own options
 * @param tlsConfig null for any host: as the strategy says
 * @param dnsResolver null for the core's own
 * @param proxyAuthentication which of its challenges a proxy gets an answer to
 * @param userAgent told to proxies when they are asked for a tunnel
 */
public record ConnectSettings(
        Executor stepExecutor,
        Executor callbackExecutor,
        ResponseStorage storage,
        Supplier<? extends TlsStrategy> tlsStrategy,
        Resolver<HttpRoute, ConnectionConfig> connectionConfig,
        Resolver<HttpRoute, SocketConfig> socketConfig,
        Resolver<HttpHost, TlsConfig> tlsConfig,
        @Nullable DnsResolver dnsResolver,
        SchemePortResolver ports,
        AuthenticationStrategy proxyAuthentication,
        String userAgent) {

    /** As the {@link #stepExecutor} where no code of the user's is asked for anything. */
    public static final Executor AT_ONCE = Runnable::run;
}
