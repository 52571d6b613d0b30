package dev.millpond.async.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes bytes, which are in the socket's backlog until then. */
final class Write extends Outbox.Operation<Void> implements ChannelFutureListener {

    private final NettySocket socket;
    private final ByteBuffer bytes;
    private final int count;

    Write(NettySocket socket, ByteBuffer bytes, int count) {
        this.socket = socket;
        this.bytes = bytes;
        this.count = count;
    }

    @Override
    void perform() {
        if (socket.shutdown != null) {
            finished(new SocketException("output shut down"));
        } else {
            socket.sending(count);
            socket.channel.write(outgoing()).addListener(this);
        }
    }

    /** Netty would copy an array to where the system can read it, unless TLS does so as it encrypts. */
    private ByteBuf outgoing() {
        if (socket.tls != null || !bytes.hasArray()) {
            return Unpooled.wrappedBuffer(bytes);
        }
        int from = bytes.arrayOffset() + bytes.position();
        return socket.toSend(count).writeBytes(bytes.array(), from, count);
    }

    @Override
    public void operationComplete(ChannelFuture written) {
        socket.sent();
        Throwable cause = written.cause();
        finished(cause == null ? null : socket.writeFailure(cause));
    }

    private void finished(@Nullable IOException cause) {
        // First, so that whoever depends on the future sees the room.
        boolean madeRoom = socket.wrote(count);
        if (cause == null) {
            complete(null);
        } else {
            completeExceptionally(cause);
        }
        if (madeRoom) {
            socket.handler.writable();
        }
    }
}
