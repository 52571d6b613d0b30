package dev.millpond.async.netty;

import dev.millpond.async.SocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a socket's inbound pipeline: tells the listener what happens, one call at a time and never one within
 * another. What has to wait for that does so in an inbox, as do bytes that Netty hands over while the socket is paused
 * (epoll reads on a FIN, TLS decrypts whole records). All methods run on the event loop.
 *
 * <p>No adapter: for the annotations on an adapter's methods, which Netty reads, the JDK makes proxies, 20 ms of a new
 * process's first connect.
 */
final class SocketHandler implements ChannelInboundHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);
    private static final Object END = new Object();

    private final NettySocket socket;

    /**
     * In order of arrival: {@link ByteBuf}s, then at most one {@link #END}, then at most one {@link IOException}. Null
     * until something has had to wait.
     */
    private @Nullable Queue<Object> inbox;

    private @Nullable SocketListener listener;
    private @Nullable ByteBuf delivered;
    private boolean calling;
    private boolean madeRoom;
    private boolean ended;
    private boolean silent;

    SocketHandler(NettySocket socket) {
        this.socket = socket;
    }

    void listener(SocketListener listener) {
        this.listener = listener;
        deliver();
    }

    /** The backlog has made room for more. */
    void writable() {
        madeRoom = true;
        deliver();
    }

    /** Adds the failure behind what has arrived already, so that nothing received is lost by it. */
    void failed(IOException cause) {
        ended = true;
        put(cause);
        deliver();
    }

    /** Drops what was not delivered. */
    void discard() {
        ended = true;
        takeAll().forEach(ReferenceCountUtil::release);
    }

    /** Drops what was not delivered, and delivers nothing ever after. */
    void silence() {
        silent = true;
        discard();
    }

    /** Hands the bytes that wait in the inbox back, to be decrypted. */
    void replay(SslHandler decrypting, ChannelHandlerContext context) {
        Queue<Object> waiting = takeAll();
        try {
            while (!waiting.isEmpty()) {
                if (waiting.remove() instanceof ByteBuf bytes) {
                    decrypting.channelRead(context, bytes);
                }
            }
            decrypting.channelReadComplete(context);
        } catch (Exception e) {
            waiting.forEach(ReferenceCountUtil::release);
            socket.fail(Failures.ofStream(e));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (ended) {
            ReferenceCountUtil.release(bytes);
            return;
        }
        Timeouts limits = socket.timeouts;
        if (limits != null) {
            limits.received();
        }
        SocketListener current = listener;
        if (current != null && !calling && nothingWaits() && socket.reading()) {
            calling = true;
            deliver(current, (ByteBuf) bytes);
            calling = false;
        } else {
            put(bytes);
        }
        deliver();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            socket.inputEnded();
        } else if (event == SslCloseCompletionEvent.SUCCESS) {
            end();
        }
    }

    void end() {
        if (!ended) {
            ended = true;
            put(END);
            deliver();
        }
    }

    boolean ended() {
        return ended;
    }

    /**
     * The channel is gone, but its socket may still be paused, and nobody be there to resume it: what has arrived moves
     * to where the garbage collector finds it.
     */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        for (Object next : takeAll()) {
            put(next instanceof ByteBuf bytes ? onHeap(bytes) : next);
        }
    }

    private static ByteBuf onHeap(ByteBuf bytes) {
        try {
            return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes));
        } finally {
            bytes.release();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {}

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {}

    @Override
    public void channelActive(ChannelHandlerContext ctx) {}

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {}

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {}

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {}

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        socket.inactive();
    }

    @Override
    @SuppressWarnings("deprecation") // of what it overrides only where no inbound handler does
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        socket.fail(Failures.ofStream(cause));
    }

    private boolean nothingWaits() {
        return inbox == null || inbox.isEmpty();
    }

    private void put(Object arrived) {
        if (inbox == null) {
            inbox = new ArrayDeque<>();
        }
        inbox.add(arrived);
    }

    private Queue<Object> takeAll() {
        Queue<Object> waiting = inbox;
        inbox = null;
        return waiting == null ? new ArrayDeque<>(0) : waiting;
    }

    void deliver() {
        if (calling) {
            return;
        }
        calling = true;
        try {
            while (deliverNext()) {
                // one call at a time
            }
        } finally {
            calling = false;
        }
    }

    private boolean deliverNext() {
        SocketListener current = listener;
        if (current == null || silent) {
            return false;
        }
        Queue<Object> waiting = inbox;
        Object next = waiting == null ? null : waiting.peek();
        if (next instanceof IOException cause) {
            silence();
            call(() -> current.onFailure(cause));
            return false;
        }
        if (madeRoom) {
            madeRoom = false;
            call(current::onWritable);
            return true;
        }
        if (waiting == null || next == null || !socket.reading()) {
            return false;
        }
        waiting.remove();
        if (next instanceof ByteBuf bytes) {
            deliver(current, bytes);
        } else {
            call(current::onEnd);
        }
        return true;
    }

    private void deliver(SocketListener current, ByteBuf bytes) {
        try {
            int count = bytes.readableBytes();
            if (count > 0) {
                socket.counters().bytesRead.add(count);
                delivered = bytes;
                current.onBytes(view(bytes, count));
            }
        } catch (Throwable thrown) {
            listenerThrew(thrown);
        } finally {
            delivered = null;
            bytes.release();
        }
    }

    /** What the listener is being called with. */
    ByteBuf delivered() {
        ByteBuf current = delivered;
        if (current == null) {
            throw new IllegalStateException("no bytes are being received");
        }
        return current;
    }

    private static ByteBuffer view(ByteBuf bytes, int count) {
        return bytes.nioBufferCount() == 1
                ? bytes.internalNioBuffer(bytes.readerIndex(), count)
                : bytes.nioBuffer(bytes.readerIndex(), count);
    }

    private void call(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable thrown) {
            listenerThrew(thrown);
        }
    }

    void listenerThrew(Throwable thrown) {
        discard();
        if (socket.fail(new IOException("listener threw " + thrown, thrown))) {
            LOG.warn("a listener of {} threw; the socket is closed", socket, thrown);
        } else {
            socket.callbacks().threw(thrown);
        }
    }
}
