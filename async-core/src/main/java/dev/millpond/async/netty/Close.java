package dev.millpond.async.netty;

import dev.millpond.async.Cancellable;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Closes in good order: flush, FIN, and then the peer's FIN. A descriptor closed while bytes of the peer arrive would
 * send a reset, and that may overtake what was sent.
 */
final class Close extends Outbox.Operation<Void> {

    /** How long the peer may receive nothing of what is left to send. */
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);

    private static final Duration LINGER_LIMIT = Duration.ofSeconds(1);

    private final NettySocket socket;
    private @Nullable Cancellable limit;

    Close(NettySocket socket) {
        this.socket = socket;
    }

    /** From the call on, whatever is to be sent before: nothing more is heard, and the time runs. */
    void begin() {
        if (limit == null) {
            socket.handler.silence();
            awaitProgress();
        }
    }

    private void awaitProgress() {
        long before = socket.sendProgress();
        limit = socket.delay(FLUSH_LIMIT, () -> {
            if (socket.sendProgress() == before) {
                socket.reset();
            } else {
                awaitProgress();
            }
        });
    }

    private void flushed() {
        if (limit != null) {
            limit.cancel();
        }
    }

    @Override
    void perform() {
        begin();
        SslHandler secured = socket.tls;
        if (secured != null && !secured.handshakeFuture().isDone()) {
            flushed();
            socket.closeChannel();
            return;
        }
        Shutdown last = new Shutdown(socket);
        last.whenComplete((done, cause) -> {
            flushed();
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
