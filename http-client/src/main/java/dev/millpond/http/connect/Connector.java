package dev.millpond.http.connect;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.TlsOptions;
import dev.millpond.bridge.ResponseStorage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.URIScheme;

/** Opens connections, secured where the scheme says so. */
public final class Connector {

    private final AsyncCore core;
    private final ResponseStorage storage;
    private final Supplier<SSLContext> sslContext;
    private final Duration connectTimeout;
    private final Runnable onClose;
    private final LongAdder opened = new LongAdder();

    /**
     * @param sslContext asked when the first connection is to be secured
     * @param connectTimeout for look-up and connect together, and once more for the TLS handshake
     * @param onClose called on an event loop whenever a connection has closed
     */
    public Connector(
            AsyncCore core,
            ResponseStorage storage,
            Supplier<SSLContext> sslContext,
            Duration connectTimeout,
            Runnable onClose) {
        this.core = core;
        this.storage = storage;
        this.sslContext = sslContext;
        this.connectTimeout = connectTimeout;
        this.onClose = onClose;
    }

    /** Cancelling the future ends the attempt. It completes on an event loop. Throws nothing: the future does. */
    public CompletableFuture<Connection> connect(HttpHost target) {
        CompletableFuture<Connection> connection = new CompletableFuture<>();
        CompletableFuture<AsyncSocket> connecting;
        try {
            connecting = core.connect(
                    ConnectOptions.to(target.getHostName(), target.getPort()).connectTimeout(connectTimeout));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new ProtocolException(e.getMessage(), e));
        }
        connection.whenComplete((done, failure) -> connecting.cancel(false));
        connecting.whenComplete((socket, failure) -> {
            if (failure != null) {
                connection.completeExceptionally(failure);
            } else if (URIScheme.HTTPS.same(target.getSchemeName())) {
                secure(socket, target, connection);
            } else {
                deliver(socket, connection);
            }
        });
        return connection;
    }

    public long opened() {
        return opened.sum();
    }

    private void secure(AsyncSocket socket, HttpHost target, CompletableFuture<Connection> connection) {
        // Failed or cancelled in mid-handshake, the connection would otherwise live on until that times out.
        connection.whenComplete((done, failure) -> {
            if (failure != null) {
                socket.abort();
            }
        });
        TlsOptions options;
        try {
            options = TlsOptions.client(sslContext.get(), target.getHostName(), target.getPort())
                    .handshakeTimeout(connectTimeout);
        } catch (IllegalStateException e) {
            connection.completeExceptionally(new SSLException(e.getMessage(), e));
            return;
        }
        socket.startTls(options).whenComplete((session, failure) -> {
            if (failure != null) {
                connection.completeExceptionally(failure);
            } else {
                deliver(socket, connection);
            }
        });
    }

    private void deliver(AsyncSocket socket, CompletableFuture<Connection> connection) {
        opened.increment();
        if (!connection.complete(new Connection(socket, storage, onClose))) {
            socket.abort();
        }
    }
}
