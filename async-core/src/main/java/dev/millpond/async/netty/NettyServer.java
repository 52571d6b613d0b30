package dev.millpond.async.netty;

import dev.millpond.async.AsyncServer;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A listening socket over one Netty channel. */
final class NettyServer implements AsyncServer {

    private final Channel channel;
    private final SocketAddress localAddress;

    NettyServer(Channel channel) {
        this.channel = channel;
        this.localAddress = channel.localAddress(); // now, as a closed channel has none
    }

    @Override
    public InetSocketAddress localAddress() {
        if (localAddress instanceof InetSocketAddress inet) {
            return inet;
        }
        throw new IllegalStateException("no port: a Unix domain socket");
    }

    @Override
    public void close() {
        channel.close();
    }
}
