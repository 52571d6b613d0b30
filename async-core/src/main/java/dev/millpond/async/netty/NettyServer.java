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
        this.localAddress = Addresses.ofJdk(channel.localAddress()); // now, as a closed channel has none
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public int port() {
        if (localAddress instanceof InetSocketAddress inet) {
            return inet.getPort();
        }
        throw new IllegalStateException("no port: listening on " + localAddress);
    }

    @Override
    public void close() {
        channel.close();
    }
}
