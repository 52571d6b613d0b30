package dev.millpond.async.netty;

import dev.millpond.async.TlsOptions;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Puts TLS under the socket's handler, and waits for the handshake. */
final class StartTls extends Outbox.Operation<SSLSession> {

    private final NettySocket socket;
    private final TlsOptions options;

    StartTls(NettySocket socket, TlsOptions options) {
        this.socket = socket;
        this.options = options;
    }

    @Override
    void perform() {
        if (!socket.isOpen()) {
            completeExceptionally(Failures.closed());
            return;
        }
        SslHandler outer = socket.tls;
        if (outer != null && !outer.handshakeFuture().isSuccess()) {
            completeExceptionally(new IllegalStateException("already being secured"));
            return;
        }
        ChannelPipeline pipeline = socket.channel.pipeline();
        SslHandler secured;
        try {
            secured = Tls.handler(options);
            socket.tls = secured;
            secured.handshakeFuture().addListener(done -> finished(secured, done));
            if (socket.channel.config().getRecvByteBufAllocator() instanceof Receiver receiver) {
                receiver.useOwnBuffers();
            }
            // Within a layer that is there already, as to a server through a proxy that is itself spoken to in TLS.
            pipeline.addBefore(pipeline.context(socket.handler).name(), null, secured);
        } catch (RuntimeException unusable) {
            SSLHandshakeException cause = new SSLHandshakeException("cannot start tls: " + unusable.getMessage());
            cause.initCause(unusable);
            socket.fail(cause);
            completeExceptionally(cause);
            return;
        }
        socket.handler.replay(secured, pipeline.context(secured));
        if (socket.inputEnded) {
            socket.inputEnded();
        } else {
            socket.channel.read();
        }
    }

    private static @Nullable String protocol(SSLEngine engine) {
        try {
            String protocol = engine.getApplicationProtocol();
            return protocol == null || protocol.isEmpty() ? null : protocol;
        } catch (UnsupportedOperationException noAlpn) {
            // A provider that doesn't know it.
            return null;
        }
    }

    private void finished(SslHandler secured, Future<?> handshake) {
        if (handshake.isSuccess()) {
            SSLSession session = secured.engine().getSession();
            socket.secured(session, protocol(secured.engine()));
            complete(session);
            return;
        }
        IOException cause = Failures.ofStream(handshake.cause());
        socket.handshakeFailed(cause);
        completeExceptionally(socket.failureOr(cause));
    }
}
