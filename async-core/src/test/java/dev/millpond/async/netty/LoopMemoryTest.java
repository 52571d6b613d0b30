package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopMemoryTest {

    private static final int SIZE = 1000;

    private final ByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final LoopMemory memory = new LoopMemory(SIZE);

    @AfterEach
    void release() {
        memory.release();
    }

    @Test
    void isEmptyAndTheSameAgainOnceItIsReleased() {
        ByteBuf first = memory.take(allocator);
        first.writeBytes(new byte[SIZE]).readByte();
        first.release();
        ByteBuf second = memory.take(allocator);
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        assertThat(second.writableBytes()).isEqualTo(SIZE);
        second.release();
    }

    @Test
    void whatIsHeldStaysAsItIs() {
        ByteBuf held = memory.take(allocator).writeByte('a');
        ByteBuf next = memory.take(allocator).writeByte('b');
        assertThat(held.getByte(0)).isEqualTo((byte) 'a');
        next.release();
        assertThat(memory.take(allocator)).isSameAs(next);
        next.release();
        // By its holder alone.
        assertThat(held.release()).isTrue();
    }

    @Test
    void whatFitsIsInItUnlessItIsHeld() {
        ByteBuf mine = memory.take(SIZE, allocator);
        ByteBuf other = memory.take(1, allocator);
        assertThat(other).isNotSameAs(mine);
        assertThat(other.capacity()).isEqualTo(1);
        assertThat(other.release()).isTrue();
        mine.release();
        ByteBuf large = memory.take(SIZE + 1, allocator);
        assertThat(large.capacity()).isEqualTo(SIZE + 1);
        assertThat(large.release()).isTrue();
        assertThat(memory.take(1, allocator)).isSameAs(mine);
        mine.release();
    }

    @Test
    void isGoneInTheEnd() {
        ByteBuf last = memory.take(allocator);
        last.release();
        memory.release();
        memory.release();
        assertThat(last.refCnt()).isZero();
    }
}
