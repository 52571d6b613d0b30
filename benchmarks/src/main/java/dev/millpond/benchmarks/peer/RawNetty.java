package dev.millpond.benchmarks.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * No client but the limit of one: it writes a request encoded once and counts bytes. It parses the first response, and
 * takes all others to be as long as that.
 */
public final class RawNetty implements Peer {

    private static final int STATUS_OFFSET = "HTTP/1.1 ".length();
    private static final int STATUS_END = STATUS_OFFSET + 3;

    private final ByteBuf request;
    private final EventLoopGroup loops;
    private final Bootstrap bootstrap;
    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

    private volatile @Nullable Shape shape;

    /** Opens as many connections as it has requests in flight. */
    public RawNetty(String url, int connections) {
        URI uri = URI.create(url);
        String head = "GET " + uri.getPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n\r\n";
        request = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(head.getBytes(US_ASCII)));
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        loops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), io);
        bootstrap = new Bootstrap()
                .group(loops)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(uri.getHost(), uri.getPort());
    }

    @Override
    public void fetch(ReplyListener listener) {
        Connection connection = idle.poll();
        if (connection != null) {
            connection.send(listener);
            return;
        }
        Connection fresh = new Connection();
        ChannelFuture connected = bootstrap.clone().handler(fresh).connect();
        fresh.channel = connected.channel();
        connected.addListener(done -> {
            if (done.isSuccess()) {
                fresh.send(listener);
            } else {
                listener.onFailure(done.cause());
            }
        });
    }

    @Override
    public void close() {
        loops.shutdownGracefully();
    }

    /** What all responses look like. */
    private record Shape(int headLength, long length) {

        static Shape of(ByteBuf first) throws IOException {
            String text = first.toString(US_ASCII);
            int headLength = text.indexOf("\r\n\r\n") + 4;
            int field = text.indexOf("Content-Length: ");
            if (headLength < 4 || field < 0) {
                throw new IOException("no head with a length in the first " + first.readableBytes() + " bytes");
            }
            int value = field + "Content-Length: ".length();
            return new Shape(headLength, headLength + Long.parseLong(text.substring(value, text.indexOf('\r', value))));
        }
    }

    /** Its fields are the event loop's, but for the listener, which the write hands over. */
    private final class Connection extends ChannelInboundHandlerAdapter {

        private @Nullable Channel channel;
        private volatile @Nullable ReplyListener listener;
        private long received;
        private int status;

        void send(ReplyListener next) {
            Channel open = channel;
            if (open == null) {
                throw new IllegalStateException("not connected");
            }
            listener = next;
            open.writeAndFlush(request.duplicate(), open.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            ByteBuf bytes = (ByteBuf) message;
            try {
                Shape expected = shape;
                if (expected == null) {
                    expected = Shape.of(bytes);
                    shape = expected;
                }
                if (received == 0) {
                    status = status(bytes);
                }
                received += bytes.readableBytes();
                if (received >= expected.length) {
                    complete(expected);
                }
            } finally {
                bytes.release();
            }
        }

        private void complete(Shape expected) {
            long length = received - expected.headLength;
            ReplyListener waiting = listener;
            received = 0;
            listener = null;
            idle.add(this);
            if (waiting != null) {
                waiting.onReply(status, length);
            }
        }

        private int status(ByteBuf bytes) throws IOException {
            if (bytes.readableBytes() < STATUS_END) {
                throw new IOException("no status in the first " + bytes.readableBytes() + " bytes");
            }
            int number = 0;
            for (int i = STATUS_OFFSET; i < STATUS_END; i++) {
                number = number * 10 + bytes.getByte(bytes.readerIndex() + i) - '0';
            }
            return number;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new IOException("closed by the server"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
            context.close();
        }

        private void fail(Throwable cause) {
            idle.remove(this);
            ReplyListener waiting = listener;
            listener = null;
            if (waiting != null) {
                waiting.onFailure(cause);
            }
        }
    }
}
