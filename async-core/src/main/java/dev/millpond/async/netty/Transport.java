package dev.millpond.async.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.SocketAddress;
import java.net.SocketOption;

/** What the sockets of a core are made of, and how they want options and addresses. */
interface Transport {

    /** epoll where it loads and is wanted, NIO elsewhere. */
    static Transport choose(boolean nativeWanted) {
        return nativeWanted && Epoll.isAvailable() ? new EpollTransport() : new NioTransport();
    }

    String name();

    MultiThreadIoEventLoopGroup loops(int threads);

    SocketChannel newSocket();

    ServerChannel newServer();

    DuplexChannel newDomainSocket();

    ServerChannel newDomainServer();

    DatagramChannel newDatagramSocket();

    /** @throws IllegalArgumentException if it doesn't know the option */
    ChannelOption<?> option(SocketOption<?> option);

    SocketAddress address(SocketAddress address);

    /** Whether a connect may carry the first bytes. */
    boolean fastOpen();

    /** Whether what connects to there can end one direction. */
    boolean halfCloses(SocketAddress address);
}
