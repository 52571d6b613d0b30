package dev.millpond.async.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
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

/** What the JDK has, on any system. */
final class NioTransport implements Transport {

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public MultiThreadIoEventLoopGroup loops(int threads) {
        return new MultiThreadIoEventLoopGroup(threads, LoopThread.factory(), NioIoHandler.newFactory());
    }

    @Override
    public SocketChannel newSocket() {
        return new NioSocketChannel();
    }

    @Override
    public ServerChannel newServer() {
        return new NioServerSocketChannel();
    }

    @Override
    public DuplexChannel newDomainSocket() {
        return new NioDomainSocketChannel();
    }

    @Override
    public ServerChannel newDomainServer() {
        return new NioServerDomainSocketChannel();
    }

    @Override
    public DatagramChannel newDatagramSocket() {
        return new NioDatagramChannel();
    }

    @Override
    public ChannelOption<?> option(SocketOption<?> option) {
        return Options.ofNio(option);
    }

    @Override
    public SocketAddress address(SocketAddress address) {
        return address;
    }

    @Override
    public boolean fastOpen() {
        return false;
    }

    /** Netty's Unix domain sockets can't. */
    @Override
    public boolean halfCloses(SocketAddress address) {
        return !(address instanceof UnixDomainSocketAddress);
    }
}
