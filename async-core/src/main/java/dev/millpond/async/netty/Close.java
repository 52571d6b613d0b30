package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;

/**
 * Closes in good order: flush, FIN, and then the peer's FIN. A descriptor closed while bytes of the peer arrive would
 * send a reset, and that may overtake what was sent.
 */
final class Close extends Outbox.Operation<Void> {

    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);
    private static final Duration LINGER_LIMIT = Duration.ofSeconds(1);

    private final NettySocket socket;

    Close(NettySocket socket) {
        this.socket = socket;
    }

    @Override
    void perform() {
        socket.handler.silence();
        SslHandler secured = socket.tls;
        if (secured != null && !secured.handshakeFuture().isDone()) {
            socket.closeChannel();
            return;
        }
        Cancellable limit = socket.delay(FLUSH_LIMIT, socket::reset);
        Shutdown last = new Shutdown(socket);
        last.whenComplete((done, cause) -> {
            limit.cancel();
            linger(cause == null);
        });
        last.perform();
    }

    private void linger(boolean orderly) {
        if (!orderly || socket.inputEnded || !socket.channel.isActive()) {
            socket.closeChannel();
            return;
        }
        Cancellable limit = socket.delay(LINGER_LIMIT, socket::closeChannel);
        socket.channel.closeFuture().addListener(done -> limit.cancel());
        socket.channel.config().setAutoRead(true);
    }
}
