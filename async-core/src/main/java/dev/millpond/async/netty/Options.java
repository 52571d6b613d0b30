package dev.millpond.async.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/** The JDK's socket options, as Netty has them. */
final class Options {

    private static final Map<SocketOption<?>, ChannelOption<?>> COMMON = Map.of(
            StandardSocketOptions.SO_RCVBUF, ChannelOption.SO_RCVBUF,
            StandardSocketOptions.SO_SNDBUF, ChannelOption.SO_SNDBUF,
            StandardSocketOptions.SO_KEEPALIVE, ChannelOption.SO_KEEPALIVE,
            StandardSocketOptions.SO_REUSEADDR, ChannelOption.SO_REUSEADDR,
            StandardSocketOptions.SO_LINGER, ChannelOption.SO_LINGER,
            StandardSocketOptions.IP_TOS, ChannelOption.IP_TOS,
            StandardSocketOptions.TCP_NODELAY, ChannelOption.TCP_NODELAY);

    private static final Map<SocketOption<?>, ChannelOption<?>> EPOLL = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, EpollChannelOption.TCP_KEEPIDLE,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, EpollChannelOption.TCP_KEEPINTVL,
            ExtendedSocketOptions.TCP_KEEPCOUNT, EpollChannelOption.TCP_KEEPCNT);

    private Options() {}

    /** @throws IllegalArgumentException if the native transport doesn't know the option */
    static ChannelOption<?> ofNative(SocketOption<?> option) {
        ChannelOption<?> known = COMMON.get(option);
        known = known != null ? known : EPOLL.get(option);
        if (known == null) {
            throw unknown(option);
        }
        return known;
    }

    static IllegalArgumentException unknown(SocketOption<?> option) {
        return new IllegalArgumentException("socket option: " + option.name() + " is not supported");
    }

    static ChannelOption<?> ofNio(SocketOption<?> option) {
        ChannelOption<?> known = COMMON.get(option);
        return known != null ? known : NioChannelOption.of(option);
    }
}
