package dev.millpond.http.fetch;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.async.TlsOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;

/** Opens connections, secured where the scheme says so. */
final class Connector {

    private final AsyncCore core;
    private final FetchSettings settings;
    private final Runnable onClose;
    private final LongAdder opened = new LongAdder();

    /** @param onClose called on an event loop whenever a connection has closed */
    Connector(AsyncCore core, FetchSettings settings, Runnable onClose) {
        this.core = core;
        this.settings = settings;
        this.onClose = onClose;
    }

    /** Cancelling the future ends the attempt. It completes on an event loop. */
    CompletableFuture<Connection> connect(HttpHost target) {
        CompletableFuture<Connection> connection = new CompletableFuture<>();
        CompletableFuture<AsyncSocket> connecting = core.connect(
                ConnectOptions.to(target.getHostName(), target.getPort()).connectTimeout(settings.connectTimeout()));
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

    long opened() {
        return opened.sum();
    }

    private void secure(AsyncSocket socket, HttpHost target, CompletableFuture<Connection> connection) {
        TlsOptions options = TlsOptions.client(settings.sslContext().get(), target.getHostName(), target.getPort())
                .handshakeTimeout(settings.connectTimeout());
        // Cancelled in mid-handshake, the connection would otherwise live on until that times out.
        connection.whenComplete((done, failure) -> {
            if (done == null) {
                socket.abort();
            }
        });
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
        if (!connection.complete(new Connection(socket, onClose))) {
            socket.abort();
        }
    }
}
