package dev.millpond.http.apache;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.TlsOptions;
import dev.millpond.http.connect.SocketSettings;
import dev.millpond.http.connect.Timeouts;
import dev.millpond.http.connect.TlsUpgrade;
import dev.millpond.http.message.Failures;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLSession;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects and secures through the asynchronous core, while the calling thread waits. */
final class BridgedConnectionOperator implements HttpClientConnectionOperator {

    private static final Logger LOG = LoggerFactory.getLogger(BridgedConnectionOperator.class);

    private final SchemePortResolver ports;
    private final @Nullable DnsResolver dnsResolver;
    private final TlsStrategy tlsStrategy;

    /** @param dnsResolver null for the core's own */
    BridgedConnectionOperator(
            @Nullable SchemePortResolver ports, @Nullable DnsResolver dnsResolver, TlsStrategy tlsStrategy) {
        this.ports = ports != null ? ports : DefaultSchemePortResolver.INSTANCE;
        this.dnsResolver = dnsResolver;
        this.tlsStrategy = tlsStrategy;
    }

    @Override
    public void connect(
            ManagedHttpClientConnection connection,
            HttpHost host,
            @Nullable InetSocketAddress localAddress,
            @Nullable TimeValue connectTimeout,
            SocketConfig socketConfig,
            HttpContext context)
            throws IOException {
        Timeout timeout = connectTimeout == null ? null : Timeout.ofMilliseconds(connectTimeout.toMilliseconds());
        connect(connection, host, null, null, localAddress, timeout, socketConfig, null, context);
    }

    @Override
    public void connect(
            ManagedHttpClientConnection connection,
            HttpHost endpointHost,
            @Nullable NamedEndpoint endpointName,
            @Nullable InetSocketAddress localAddress,
            @Nullable Timeout connectTimeout,
            SocketConfig socketConfig,
            @Nullable Object attachment,
            HttpContext context)
            throws IOException {
        connect(
                connection,
                endpointHost,
                endpointName,
                null,
                localAddress,
                connectTimeout,
                socketConfig,
                attachment,
                context);
    }

    @Override
    public void connect(
            ManagedHttpClientConnection connection,
            HttpHost endpointHost,
            @Nullable NamedEndpoint endpointName,
            @Nullable Path unixDomainSocket,
            @Nullable InetSocketAddress localAddress,
            @Nullable Timeout connectTimeout,
            SocketConfig socketConfig,
            @Nullable Object attachment,
            HttpContext context)
            throws IOException {
        BridgedConnection bridged = bridged(connection);
        ConnectOptions options = unixDomainSocket != null
                ? SocketSettings.apply(socketConfig, ConnectOptions.to(UnixDomainSocketAddress.of(unixDomainSocket)))
                : SocketSettings.applyTcp(socketConfig, target(endpointHost)).localAddress(localAddress);
        LOG.debug("{} connecting {} ({})", bridged.getId(), options.target(), connectTimeout);
        AsyncSocket socket = connect(bridged, endpointHost, options.connectTimeout(Timeouts.of(connectTimeout)));
        Timeout soTimeout = socketConfig.getSoTimeout();
        bridged.connected(socket, soTimeout == null ? 0 : soTimeout.toMillisecondsIntBound());
        LOG.debug("{} connected {}", bridged.getId(), socket.remoteAddress());
        if (URIScheme.HTTPS.same(endpointHost.getSchemeName())) {
            secure(bridged, endpointHost, endpointName, connectTimeout, attachment);
        }
    }

    private ConnectOptions target(HttpHost host) throws IOException {
        int port = ports.resolve(host.getSchemeName(), host);
        ConnectOptions options = ConnectOptions.to(host.getHostName(), port);
        if (host.getAddress() != null) {
            return options.addresses(List.of(new InetSocketAddress(host.getAddress(), port)));
        }
        if (dnsResolver == null) {
            return options;
        }
        List<InetSocketAddress> addresses = dnsResolver.resolve(host.getHostName(), port);
        if (addresses == null || addresses.isEmpty()) {
            throw new UnknownHostException(host.getHostName());
        }
        return options.addresses(addresses);
    }

    private static AsyncSocket connect(BridgedConnection connection, HttpHost host, ConnectOptions options)
            throws IOException {
        CompletableFuture<AsyncSocket> connecting =
                connection.settings().core().get().connect(options);
        connection.connecting(connecting);
        try {
            return await(connecting);
        } catch (IOException e) {
            if (!connecting.cancel(false)) {
                connecting.thenAccept(AsyncSocket::abort);
            }
            throw ofConnect(e, host);
        }
    }

    /** A tunnel, or after a 101 (RFC 2817). */
    @Override
    public void upgrade(
            ManagedHttpClientConnection connection,
            HttpHost endpointHost,
            @Nullable NamedEndpoint endpointName,
            @Nullable Object attachment,
            HttpContext context)
            throws IOException {
        BridgedConnection bridged = bridged(connection);
        bridged.expectResponseAfterUpgrade();
        secure(bridged, endpointHost, endpointName, bridged.getSocketTimeout(), attachment);
    }

    @Override
    public void upgrade(ManagedHttpClientConnection connection, HttpHost host, HttpContext context) throws IOException {
        upgrade(connection, host, null, null, context);
    }

    private void secure(
            BridgedConnection connection,
            HttpHost host,
            @Nullable NamedEndpoint endpointName,
            @Nullable Timeout defaultTimeout,
            @Nullable Object attachment)
            throws IOException {
        NamedEndpoint name = endpointName != null ? endpointName : host;
        Timeout configured = attachment instanceof TlsConfig config ? config.getHandshakeTimeout() : null;
        Timeout timeout = Timeout.defaultsToDisabled(configured != null ? configured : defaultTimeout);
        BridgedSocket socket = connection.ensureOpen();
        try {
            TlsUpgrade upgrade = new TlsUpgrade(tlsStrategy, name, attachment, timeout);
            Duration limit = Timeouts.of(timeout);
            var session = handshake(socket, upgrade.options(limit));
            upgrade.verify();
            LOG.debug("{} secured {}: {}", connection.getId(), name, session.getProtocol());
        } catch (IOException e) {
            socket.stream().abort();
            throw ofConnect(e, host);
        } catch (RuntimeException e) {
            socket.stream().abort();
            throw e;
        }
    }

    private static SSLSession handshake(BridgedSocket socket, TlsOptions options) throws IOException {
        try {
            return await(socket.stream().startTls(options));
        } catch (SocketTimeoutException e) {
            // In the words of the JDK's sockets, which are looked for by those who tell time-outs apart.
            throw (IOException) new SocketTimeoutException("Read timed out: " + e.getMessage()).initCause(e);
        }
    }

    private static IOException ofConnect(IOException failure, HttpHost host) {
        return (IOException) Failures.ofConnect(failure, host);
    }

    private static BridgedConnection bridged(ManagedHttpClientConnection connection) {
        if (connection instanceof BridgedConnection bridged) {
            return bridged;
        }
        throw new IllegalStateException(
                "expected a connection of Millpond's, got "
                        + connection.getClass().getName()
                        + ": a connection factory of your own can't be bridged here (see MillpondConnectionManagerBuilder.build)");
    }

    private static <T> T await(CompletableFuture<T> step) throws IOException {
        if (AsyncCore.onEventLoop() && !step.isDone()) {
            throw new IllegalStateException("an event loop must not wait for a connection");
        }
        try {
            return step.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while connecting").initCause(e);
        } catch (CancellationException e) {
            throw (IOException) new SocketException("connection closed").initCause(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }
}
