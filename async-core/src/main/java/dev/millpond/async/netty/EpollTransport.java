package dev.millpond.async.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.concurrent.Executor;

/** Linux's own. */
final class EpollTransport implements Transport {

    private final boolean fastOpen = FastOpen.onEpoll();

    @Override
    public String name() {
        return "epoll";
    }

    @Override
    public MultiThreadIoEventLoopGroup loops(int threads) {
        return new MultiThreadIoEventLoopGroup(threads, LoopThread.factory(), EpollHandler.newFactory()) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... arguments) {
                return new LeaderLoop(this, executor, handlers);
            }
        };
    }

    @Override
    public SocketChannel newSocket() {
        return new EpollSocketChannel();
    }

    @Override
    public ServerChannel newServer() {
        return new EpollServerSocketChannel();
    }

    @Override
    public DuplexChannel newDomainSocket() {
        return new EpollDomainSocketChannel();
    }

    @Override
    public ServerChannel newDomainServer() {
        return new EpollServerDomainSocketChannel();
    }

    @Override
    public DatagramChannel newDatagramSocket() {
        return new EpollDatagramChannel();
    }

    @Override
    public ChannelOption<?> option(SocketOption<?> option) {
        return Options.ofNative(option);
    }

    @Override
    public SocketAddress address(SocketAddress address) {
        return Addresses.ofNative(address);
    }

    @Override
    public boolean fastOpen() {
        return fastOpen;
    }

    @Override
    public boolean halfCloses(SocketAddress address) {
        return true;
    }
}
