package dev.millpond.async.netty;

import dev.millpond.async.FileReadException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a part of a file, a piece at a time, and holds the outbox meanwhile: what was called later comes after it.
 *
 * <p>Pieces go from the file to the socket within the system where they may. Where they have to be encrypted, they are
 * read into one small buffer by a thread that may block. All else runs on the event loop.
 */
final class WriteFile extends Outbox.Operation<Void> implements ChannelFutureListener {

    /** Of what the system is given at once, as it reads the file on the event loop. */
    private static final int MAX_REGION = 256 << 10;

    private static final int BUFFER = 64 << 10;

    private final NettySocket socket;
    private final Outbox outbox;
    private final Executor readers;
    private final FileChannel file;
    private final long start;
    private final long count;

    private long sent;
    private int piece;
    private @Nullable ByteBuffer buffer;
    private boolean over;

    WriteFile(NettySocket socket, Outbox outbox, Executor readers, FileChannel file, long start, long count) {
        this.socket = socket;
        this.outbox = outbox;
        this.readers = readers;
        this.file = file;
        this.start = start;
        this.count = count;
        // By its caller: a part may have been sent, and nothing can follow that.
        whenComplete((done, cause) -> {
            if (!over) {
                socket.kill(new SocketException("write cancelled"));
            }
        });
    }

    @Override
    void perform() {
        outbox.hold();
        if (socket.shutdown != null) {
            end(new SocketException("output shut down"));
        } else if (count == 0) {
            send(Unpooled.EMPTY_BUFFER);
        } else {
            next();
        }
    }

    private void next() {
        boolean direct = socket.tls == null && ofJdk();
        piece = (int) Math.min(count - sent, direct ? MAX_REGION : BUFFER);
        if (!direct) {
            read();
            return;
        }
        FileReadException unreadable = unreadable();
        if (unreadable != null) {
            end(unreadable);
        } else {
            send(new Region(file, start + sent, piece));
        }
    }

    /** Netty takes the descriptor out of the JDK's own kind of channel, and doesn't look whether it is one. */
    private boolean ofJdk() {
        return file.getClass().getName().equals("sun.nio.ch.FileChannelImpl");
    }

    private @Nullable FileReadException unreadable() {
        try {
            file.read(ByteBuffer.allocate(0), start);
            long size = file.size();
            return size < start + count ? tooShort(size) : null;
        } catch (IOException | RuntimeException e) {
            return unreadable(e);
        }
    }

    private FileReadException tooShort(long size) {
        return new FileReadException(
                "file too short: expected " + count + " bytes from position " + start + " on, got "
                        + Math.max(0, size - start),
                null);
    }

    private static FileReadException unreadable(Exception cause) {
        return new FileReadException("cannot read file: " + cause, cause);
    }

    private void read() {
        try {
            readers.execute(this::fill);
        } catch (RejectedExecutionException coreClosed) {
            // Before what was written later gets its turn.
            socket.kill(Failures.coreClosed());
            end(Failures.coreClosed());
        }
    }

    /** On a thread that may block. */
    private void fill() {
        FileReadException unreadable = fillBuffer();
        try {
            socket.channel.eventLoop().execute(() -> filled(unreadable));
        } catch (RejectedExecutionException coreClosed) {
            over = true;
            completeExceptionally(Failures.coreClosed());
            outbox.abandon();
        }
    }

    private @Nullable FileReadException fillBuffer() {
        ByteBuffer target = buffer;
        if (target == null) {
            target = ByteBuffer.allocate(piece);
            buffer = target;
        }
        target.clear().limit(piece);
        try {
            while (target.hasRemaining()) {
                if (file.read(target, start + sent + target.position()) < 0) {
                    return tooShort(file.size());
                }
            }
            return null;
        } catch (IOException | RuntimeException e) {
            return unreadable(e);
        }
    }

    private void filled(@Nullable FileReadException unreadable) {
        if (unreadable != null || buffer == null) {
            end(unreadable);
        } else {
            send(Unpooled.wrappedBuffer(buffer.flip()));
        }
    }

    private void send(Object message) {
        socket.sending(piece);
        socket.channel.writeAndFlush(message).addListener(this);
    }

    @Override
    public void operationComplete(ChannelFuture written) {
        socket.sent();
        Throwable cause = written.cause();
        if (cause != null) {
            FileReadException unreadable = unreadable();
            end(unreadable != null && !over ? unreadable : socket.writeFailure(cause));
            return;
        }
        sent += piece;
        if (sent == count) {
            end(null);
            return;
        }
        if (socket.wrotePart(piece)) {
            socket.handler.writable();
        }
        next();
    }

    private void end(@Nullable IOException cause) {
        over = true;
        // First, so that whoever depends on the future sees the room.
        boolean madeRoom = socket.wrote(cause == null ? piece : count - sent);
        if (cause == null) {
            complete(null);
        } else {
            completeExceptionally(cause);
        }
        if (cause instanceof FileReadException) {
            // With a reset: what was sent must not look whole.
            socket.lingerNot();
            socket.fail(cause);
        }
        if (madeRoom) {
            socket.handler.writable();
        }
        outbox.release();
    }

    /** Leaves the file open, which is its owner's to close. */
    private static final class Region extends DefaultFileRegion {

        Region(FileChannel file, long position, long count) {
            super(file, position, count);
        }

        @Override
        protected void deallocate() {}
    }
}
