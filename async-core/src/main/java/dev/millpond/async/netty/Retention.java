package dev.millpond.async.netty;

import dev.millpond.async.RetainedBytes;
import io.netty.buffer.ByteBuf;
import io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The received bytes of a core that are retained, of which there may be so many only. Thread-safe. */
final class Retention {

    /** To copy less costs less than to retain it. */
    private static final int FEWEST = 8 << 10;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** At most a quarter of the memory outside the heap. */
    Retention() {
        this(Math.min(64 << 20, PlatformDependent.maxDirectMemory() / 4));
    }

    /** @param most bytes of memory */
    Retention(long most) {
        this.most = most;
    }

    /** Null if the bytes are few, or few for the memory that they are in, or if enough is retained already. */
    @Nullable
    RetainedBytes retain(ByteBuf memory, ByteBuffer bytes) {
        int count = bytes.remaining();
        int size = memory.capacity();
        if (count < FEWEST || count < size / 4) {
            return null;
        }
        if (held.addAndGet(size) > most) {
            held.addAndGet(-size);
            return null;
        }
        return new Retained(memory.retain(), bytes.slice());
    }

    long held() {
        return held.get();
    }

    private final class Retained implements RetainedBytes {

        private final ByteBuf memory;
        private final ByteBuffer bytes;
        private final AtomicBoolean released = new AtomicBoolean();

        Retained(ByteBuf memory, ByteBuffer bytes) {
            this.memory = memory;
            this.bytes = bytes;
        }

        @Override
        public ByteBuffer buffer() {
            return bytes;
        }

        @Override
        public void release() {
            if (released.compareAndSet(false, true)) {
                held.addAndGet(-memory.capacity());
                memory.release();
            }
        }
    }
}
