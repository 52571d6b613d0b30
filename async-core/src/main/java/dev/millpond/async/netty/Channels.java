package dev.millpond.async.netty;

import dev.millpond.async.ConnectOptions;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.util.Map;

/**
 * Channels that are to be connected. Netty's {@code Bootstrap} would copy the options for each of them, and put a
 * handler into its pipeline just to add others.
 */
final class Channels {

    private Channels() {}

    /**
     * A channel that is not registered yet.
     *
     * @param loop where it will be
     * @throws IllegalArgumentException if the transport doesn't know an option, or not such a value of it
     * @throws ChannelException if the system has no socket left, or doesn't take an option
     */
    static DuplexChannel open(Transport transport, EventLoop loop, ConnectOptions options) {
        boolean unix = options.target() instanceof UnixDomainSocketAddress;
        DuplexChannel channel = unix ? transport.newDomainSocket() : transport.newSocket();
        try {
            configure(channel.config(), transport, options);
            LoopMemory memory = loop instanceof LeaderLoop led ? led.received : null;
            channel.config().setRecvByteBufAllocator(new Receiver(memory));
        } catch (RuntimeException refused) {
            channel.unsafe().closeForcibly();
            throw refused;
        }
        return channel;
    }

    /**
     * Loads what a channel is made of, some hundred classes, so that the first connect doesn't wait for it: half of
     * what it took in a new process.
     */
    static void load(Transport transport) {
        try {
            transport.newSocket().unsafe().closeForcibly();
        } catch (ChannelException noSocketLeft) {
            // Who connects will be told.
        }
    }

    /** Netty has set TCP_NODELAY by then. */
    private static void configure(ChannelConfig config, Transport transport, ConnectOptions options) {
        config.setAutoRead(false).setAutoClose(false).setConnectTimeoutMillis(0);
        if (config instanceof DuplexChannelConfig duplex) {
            duplex.setAllowHalfClosure(true);
        }
        if (!options.socketOptions().isEmpty()) {
            set(config, transport, options.socketOptions());
        }
    }

    private static void set(ChannelConfig config, Transport transport, Map<SocketOption<?>, Object> options) {
        options.forEach((option, value) -> {
            if (!set(config, transport.option(option), value)) {
                throw Options.unknown(option);
            }
        });
    }

    @SuppressWarnings("unchecked")
    private static <T> boolean set(ChannelConfig config, ChannelOption<T> option, Object value) {
        return config.setOption(option, (T) value);
    }
}
