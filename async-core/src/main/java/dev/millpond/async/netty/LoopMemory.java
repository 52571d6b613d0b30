package dev.millpond.async.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A piece of memory outside the heap that an event loop uses for all its sockets, one after the other: a buffer that is
 * free again before the next one is needed doesn't have to come from an allocator, and is still in the processor's
 * cache. Belongs to the thread that leads the loop; what was taken from it may be released by any thread.
 */
final class LoopMemory {

    /** Netty's leak detector would watch some of them, which is slower. */
    private static final ByteBufAllocator UNWATCHED = new UnpooledByteBufAllocator(true, true);

    private final int size;
    private @Nullable ByteBuf memory;

    /** @param size bytes */
    LoopMemory(int size) {
        this.size = size;
    }

    /**
     * All of it, empty, to be released.
     *
     * @param allocator where the loop gets other memory, if somebody holds what it has had
     */
    ByteBuf take(ByteBufAllocator allocator) {
        ByteBuf mine = memory;
        if (mine == null) {
            mine = UNWATCHED.directBuffer(size);
        } else if (isHeld(mine)) {
            mine.release();
            mine = allocator.directBuffer(size);
        }
        memory = mine;
        return mine.clear().retain();
    }

    /** As {@link #take(ByteBufAllocator)} for so many bytes, but from the allocator if it is held, or too small. */
    ByteBuf take(int count, ByteBufAllocator allocator) {
        return count > size || isHeld(memory) ? allocator.directBuffer(count) : take(allocator);
    }

    private static boolean isHeld(@Nullable ByteBuf memory) {
        return memory != null && memory.refCnt() > 1;
    }

    void release() {
        if (memory != null) {
            memory.release();
            memory = null;
        }
    }
}
