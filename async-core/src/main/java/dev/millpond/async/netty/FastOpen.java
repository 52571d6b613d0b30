package dev.millpond.async.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import java.nio.ByteBuffer;

/** TCP Fast Open (RFC 7413): bytes that go with the SYN. */
final class FastOpen {

    /** As the kernel counts them in {@code enum tcp_state}. */
    private static final int SYN_SENT = 2;

    private FastOpen() {}

    /** Whether the system lets clients do it, with sockets of the native transport. */
    static boolean onEpoll() {
        return Epoll.isTcpFastOpenClientSideAvailable();
    }

    /**
     * Lets the connect of {@code channel} send {@code bytes} too, if the system has a cookie of the server; else they
     * wait in the channel for the first flush.
     */
    static void carry(Channel channel, ByteBuffer bytes) {
        channel.config().setOption(ChannelOption.TCP_FASTOPEN_CONNECT, true);
        channel.write(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
    }

    /** Whether the SYN is on its way, and nothing has come back. */
    static boolean unanswered(Channel channel) {
        return channel instanceof EpollSocketChannel socket
                && socket.isOpen()
                && socket.tcpInfo().state() == SYN_SENT;
    }
}
