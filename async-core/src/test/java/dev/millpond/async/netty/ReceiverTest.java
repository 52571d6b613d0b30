package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class ReceiverTest {

    private final ByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    /** Reads so many bytes, or as many as fit; returns how many could have been read. */
    private int read(Receiver receiver, int count) {
        ByteBuf buffer = receiver.allocate(allocator);
        int room = buffer.writableBytes();
        receiver.attemptedBytesRead(room);
        receiver.lastBytesRead(Math.min(count, room));
        assertThat(buffer.release()).isTrue();
        return room;
    }

    @Test
    void buffersOfItsOwnFitWhatCameLast() {
        Receiver receiver = new Receiver(null);
        assertThat(read(receiver, 10)).isEqualTo(2 << 10);
        assertThat(read(receiver, 100_000)).isEqualTo(2 << 10);
        assertThat(read(receiver, 100_000)).isEqualTo(8 << 10);
        assertThat(read(receiver, 100_000)).isEqualTo(32 << 10);
        assertThat(read(receiver, 100_000)).isEqualTo(64 << 10);
        assertThat(read(receiver, 10)).isEqualTo(64 << 10);
        assertThat(read(receiver, -1)).isEqualTo(2 << 10);
        assertThat(read(receiver, 10)).isEqualTo(2 << 10);
    }

    @Test
    void theLoopsMemoryIsUsedUntilSomethingMayBeKept() {
        LoopMemory memory = new LoopMemory(Receiver.MOST);
        Receiver receiver = new Receiver(memory);
        ByteBuf shared = receiver.allocate(allocator);
        assertThat(shared.capacity()).isEqualTo(Receiver.MOST);
        shared.release();
        receiver.useOwnBuffers();
        ByteBuf own = receiver.allocate(allocator);
        assertThat(own).isNotSameAs(shared);
        own.release();
        memory.release();
        assertThat(shared.refCnt()).isZero();
    }
}
