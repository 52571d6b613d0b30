package dev.millpond.async.netty;

import dev.millpond.async.AsyncServer;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** A listening socket over one Netty channel. */
final class NettyServer implements AsyncServer {

    private final Channel channel;
    private final InetSocketAddress localAddress;

    NettyServer(Channel channel) {
        this.channel = channel;
        this.localAddress = (InetSocketAddress) channel.localAddress();
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public void close() {
        channel.close();
    }
}
