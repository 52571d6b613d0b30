package dev.millpond.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The server of all clients, one loop a processor. Listens on as many ports as its argument says, prints them in one
 * line, and ends with its standard input.
 */
final class ServerMain {

    /** The kernel cuts it to what it allows; 10,000 clients connect at once. */
    private static final int BACKLOG = 16_384;

    private ServerMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), io);
        Responses responses = new Responses();
        ServerBootstrap server = new ServerBootstrap()
                .group(loops)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(new RequestHandler(responses));
                    }
                });
        List<String> ports = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            Channel channel = server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            ports.add(String.valueOf(((InetSocketAddress) channel.localAddress()).getPort()));
        }
        System.out.println(String.join(" ", ports));
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
