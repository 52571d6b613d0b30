package dev.millpond.async.netty;

import dev.millpond.async.netty.Outbox.Operation;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** Ends the output: everything written, then close_notify if there is TLS, then FIN. */
final class Shutdown extends Operation<Void> {

    private final NettySocket socket;

    Shutdown(NettySocket socket) {
        this.socket = socket;
    }

    @Override
    void perform() {
        Operation<Void> before = socket.shutdown;
        if (before != null) {
            before.whenComplete((done, cause) -> settle(cause));
            return;
        }
        socket.shutdown = this;
        // An empty write is done when all that were made before it are.
        socket.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(then(this::closeNotify));
    }

    private void closeNotify() {
        SslHandler secured = socket.tls;
        if (secured == null) {
            fin();
        } else {
            secured.closeOutbound().addListener(then(this::fin));
        }
    }

    private void fin() {
        socket.channel.shutdownOutput().addListener(then(() -> settle(null)));
    }

    private ChannelFutureListener then(Runnable next) {
        return before -> {
            Throwable cause = before.cause();
            if (cause == null) {
                next.run();
            } else {
                settle(socket.writeFailure(cause));
            }
        };
    }

    private void settle(@Nullable Throwable cause) {
        if (cause == null) {
            complete(null);
        } else {
            completeExceptionally(cause);
        }
        socket.closeIfOver();
    }
}
