package dev.millpond.async.netty;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** What the sockets of a core are made of, and how they want options and addresses. */
record Transport(
        String name,
        IntFunction<MultiThreadIoEventLoopGroup> loops,
        ChannelFactory<SocketChannel> sockets,
        ChannelFactory<? extends ServerChannel> servers,
        ChannelFactory<? extends DuplexChannel> domainSockets,
        ChannelFactory<? extends ServerChannel> domainServers,
        ChannelFactory<DatagramChannel> datagrams,
        Function<SocketOption<?>, ChannelOption<?>> options,
        UnaryOperator<SocketAddress> addresses,
        boolean fastOpen) {

    private static final String NIO = "nio";

    /** epoll where it loads and is wanted, NIO elsewhere. */
    static Transport choose(boolean nativeWanted) {
        return nativeWanted && Epoll.isAvailable() ? epoll() : nio();
    }

    private static Transport epoll() {
        return new Transport(
                "epoll",
                Transport::leaderLoops,
                EpollSocketChannel::new,
                EpollServerSocketChannel::new,
                EpollDomainSocketChannel::new,
                EpollServerDomainSocketChannel::new,
                EpollDatagramChannel::new,
                Options::ofNative,
                Addresses::ofNative,
                FastOpen.onEpoll());
    }

    private static MultiThreadIoEventLoopGroup leaderLoops(int threads) {
        return new MultiThreadIoEventLoopGroup(threads, LoopThread.factory(), EpollHandler.newFactory()) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... arguments) {
                return new LeaderLoop(this, executor, handlers);
            }
        };
    }

    /** Whether what connects there can end one direction: Netty's Unix domain sockets over NIO can't. */
    boolean halfCloses(SocketAddress address) {
        return !name.equals(NIO) || !(address instanceof UnixDomainSocketAddress);
    }

    private static Transport nio() {
        return new Transport(
                NIO,
                threads -> new MultiThreadIoEventLoopGroup(threads, LoopThread.factory(), NioIoHandler.newFactory()),
                NioSocketChannel::new,
                NioServerSocketChannel::new,
                NioDomainSocketChannel::new,
                NioServerDomainSocketChannel::new,
                NioDatagramChannel::new,
                Options::ofNio,
                address -> address,
                false);
    }
}
