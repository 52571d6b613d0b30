package dev.millpond.async.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.IoHandle;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sends on the calling thread, past the event loop, which then need not be woken up for it. Any thread.
 *
 * <p>A descriptor that is closed may be another connection's a moment later, so nobody may be about to send then: the
 * monitor orders senders against the event loop, which tells of the end before it closes the descriptor.
 */
final class DirectSend {

    private static final Map<IoHandle, DirectSend> OPEN = new ConcurrentHashMap<>();

    private final Channel channel;
    private final Socket socket;
    private final Backlog backlog;
    private boolean closed;

    private DirectSend(Channel channel, Socket socket, Backlog backlog) {
        this.channel = channel;
        this.socket = socket;
        this.backlog = backlog;
    }

    /** Null where it can't be done: without epoll, or with something still to be sent. On the event loop. */
    static @Nullable DirectSend over(Channel channel, Backlog backlog) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (channel instanceof UnixChannel unix
                && unix.fd() instanceof Socket socket
                && channel.unsafe() instanceof IoHandle handle
                && waiting != null
                && waiting.isEmpty()) {
            DirectSend direct = new DirectSend(channel, socket, backlog);
            OPEN.put(handle, direct);
            return direct;
        }
        return null;
    }

    /** The descriptor is about to be closed. Waits for a sender, which never blocks. */
    static void close(IoHandle handle) {
        DirectSend direct = OPEN.remove(handle);
        if (direct != null) {
            direct.close();
        }
    }

    private synchronized void close() {
        closed = true;
    }

    /** Sends as much as the system takes at once, and returns how much that is; all of it leaves the backlog. */
    int send(ByteBuffer bytes) throws IOException {
        ByteBuf copy = channel.alloc().directBuffer(bytes.remaining());
        try {
            if (bytes.hasArray()) {
                copy.writeBytes(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            } else {
                copy.writeBytes(bytes.duplicate());
            }
            return send(copy, copy.readableBytes());
        } finally {
            copy.release();
        }
    }

    private synchronized int send(ByteBuf bytes, int count) throws IOException {
        if (closed) {
            return 0;
        }
        int sent = bytes.hasMemoryAddress()
                ? socket.sendAddress(bytes.memoryAddress(), 0, count)
                : socket.send(bytes.internalNioBuffer(0, count), 0, count);
        if (sent == count) {
            backlog.remove(count);
        }
        return sent;
    }

    /** Whether nothing is in the backlog: what the system has, and the peer may have answered, is not. */
    synchronized boolean allSent() {
        return backlog.isEmpty();
    }
}
