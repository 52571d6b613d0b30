package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.TlsOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.DuplexChannel;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sockets of what a server accepts, and hands them over. */
final class Acceptor extends ChannelInitializer<Channel> {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    private final @Nullable TlsOptions tls;
    private final Function<DuplexChannel, NettySocket> sockets;
    private final Consumer<AsyncSocket> onAccept;
    private final Callbacks callbacks;

    Acceptor(
            @Nullable TlsOptions tls,
            Function<DuplexChannel, NettySocket> sockets,
            Consumer<AsyncSocket> onAccept,
            Callbacks callbacks) {
        this.tls = tls;
        this.sockets = sockets;
        this.onAccept = onAccept;
        this.callbacks = callbacks;
    }

    @Override
    protected void initChannel(Channel channel) {
        // Soon: it is not active yet.
        channel.eventLoop().execute(() -> accept((DuplexChannel) channel));
    }

    private void accept(DuplexChannel channel) {
        if (!channel.isActive()) {
            return;
        }
        NettySocket socket = sockets.apply(channel);
        if (tls == null) {
            handOver(socket);
        } else {
            socket.startTls(tls).whenComplete((session, cause) -> {
                if (cause == null) {
                    handOver(socket);
                } else {
                    // Closed by then. Anybody may send anything: no reason to tell more than a log.
                    LOG.debug("no tls with {}: {}", socket.remoteAddress(), String.valueOf(cause));
                }
            });
        }
    }

    private void handOver(NettySocket socket) {
        try {
            onAccept.accept(socket);
        } catch (Throwable thrown) {
            socket.abort();
            callbacks.threw(thrown);
        }
    }
}
