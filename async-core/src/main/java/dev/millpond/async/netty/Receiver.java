package dev.millpond.async.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a channel receives: in its loop's memory, which is free again after each read as a rule; or in a buffer of its
 * own that fits what came last, where a little may be kept for long, as TLS keeps a part of a record.
 *
 * <p>One read in each turn of the event loop, where Netty has 16: so that whoever reads on is told, and may be lent the
 * loop. And 64 KiB at most: with more, the peer learns late that its bytes have come, as the system acknowledges them
 * when a read ends, and a sender that watches how long that takes (BBR) slows down.
 */
final class Receiver implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {

    static final int MOST = 64 << 10;

    private static final int LEAST = 2 << 10;
    private static final int GROWTH = 4;

    private @Nullable LoopMemory memory;
    private int attempted;
    private int last;

    /** @param memory {@link #MOST} bytes of the channel's loop; null if it has none */
    Receiver(@Nullable LoopMemory memory) {
        this.memory = memory;
    }

    /** From now on, what is received may be kept. On the event loop. */
    void useOwnBuffers() {
        memory = null;
    }

    @Override
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return memory == null ? allocator.ioBuffer(guess()) : memory.take(allocator);
    }

    @Override
    public int guess() {
        return Math.min(Math.max(GROWTH * last, LEAST), MOST);
    }

    @Override
    public void reset(ChannelConfig config) {}

    @Override
    public void incMessagesRead(int count) {}

    @Override
    public void lastBytesRead(int count) {
        last = count;
    }

    @Override
    public int lastBytesRead() {
        return last;
    }

    @Override
    public void attemptedBytesRead(int count) {
        attempted = count;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public boolean continueReading() {
        return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return false;
    }

    @Override
    public void readComplete() {}
}
