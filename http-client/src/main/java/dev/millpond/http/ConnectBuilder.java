package dev.millpond.http;

import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.connect.ConnectSettings;
import dev.millpond.http.connect.Routes;
import java.net.ProxySelector;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.routing.DefaultProxyRoutePlanner;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** The part of a {@link MillpondBuilder} that says which way to a server, and how. Null is the default. */
final class ConnectBuilder {

    Duration connectTimeout = Duration.ofSeconds(10);
    boolean systemProperties;

    @Nullable
    HttpRoutePlanner routePlanner;

    @Nullable
    HttpHost proxy;

    @Nullable
    ProxySelector proxySelector;

    @Nullable
    SchemePortResolver ports;

    @Nullable
    DnsResolver dnsResolver;

    @Nullable
    SSLContext sslContext;

    @Nullable
    TlsStrategy tlsStrategy;

    @Nullable
    Resolver<HttpHost, TlsConfig> tlsConfig;

    @Nullable
    Resolver<HttpRoute, ConnectionConfig> connectionConfig;

    @Nullable
    Resolver<HttpRoute, SocketConfig> socketConfig;

    /** In the order of precedence that Apache's builder has. */
    Routes routes() {
        SchemePortResolver resolver = ports();
        if (routePlanner != null) {
            return new Routes(routePlanner);
        }
        if (proxy != null) {
            return new Routes(new DefaultProxyRoutePlanner(proxy, resolver));
        }
        if (proxySelector != null || systemProperties) {
            return new Routes(new SystemDefaultRoutePlanner(resolver, proxySelector));
        }
        return new Routes(ports == null ? null : new DefaultRoutePlanner(resolver));
    }

    ConnectSettings settings(
            Executor callbackExecutor,
            ResponseStorage storage,
            AuthenticationStrategy proxyAuthentication,
            boolean authenticatesElsewhere,
            String userAgent) {
        ConnectionConfig defaults = ConnectionConfig.custom()
                .setConnectTimeout(timeout(connectTimeout))
                .build();
        Resolver<HttpRoute, ConnectionConfig> connections = connectionConfig;
        return new ConnectSettings(
                authenticatesElsewhere || asksUser() ? callbackExecutor : ConnectSettings.AT_ONCE,
                callbackExecutor,
                storage,
                tlsStrategy(),
                connections == null ? route -> defaults : route -> orDefault(connections.resolve(route), defaults),
                socketConfig != null ? socketConfig : route -> null,
                tlsConfig != null ? tlsConfig : host -> null,
                dnsResolver,
                ports(),
                proxyAuthentication,
                userAgent);
    }

    /** In Apache's milliseconds, where 0 is for ever. */
    private static Timeout timeout(Duration duration) {
        return duration.compareTo(Duration.ofMillis(1)) < 0 ? Timeout.ofMilliseconds(1) : Timeout.of(duration);
    }

    private static ConnectionConfig orDefault(@Nullable ConnectionConfig resolved, ConnectionConfig defaults) {
        return resolved != null ? resolved : defaults;
    }

    private boolean asksUser() {
        return Stream.of(dnsResolver, ports, tlsStrategy, tlsConfig, connectionConfig, socketConfig)
                .anyMatch(set -> set != null);
    }

    private SchemePortResolver ports() {
        return ports != null ? ports : DefaultSchemePortResolver.INSTANCE;
    }

    private Supplier<? extends TlsStrategy> tlsStrategy() {
        TlsStrategy strategy = tlsStrategy;
        if (strategy != null) {
            return () -> strategy;
        }
        SSLContext context = sslContext;
        if (context != null) {
            return () -> new DefaultClientTlsStrategy(context);
        }
        return systemProperties
                ? DefaultClientTlsStrategy::createSystemDefault
                : () -> new DefaultClientTlsStrategy(defaultSslContext());
    }

    private static SSLContext defaultSslContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no default SSLContext: " + e.getMessage(), e);
        }
    }
}
