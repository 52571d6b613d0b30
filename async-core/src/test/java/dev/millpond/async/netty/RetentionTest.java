package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.async.RetainedBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final int SIZE = 64 << 10;

    private final Retention retention = new Retention(2 * SIZE);
    private final List<ByteBuf> received = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        received.forEach(memory -> assertThat(memory.refCnt()).isZero());
    }

    /** What is received is released by its receiver, as a socket does. */
    private @Nullable RetainedBytes receive(int count) {
        ByteBuf memory =
                Unpooled.directBuffer(SIZE).writeBytes(new byte[count - 1]).writeByte('!');
        received.add(memory);
        try {
            return retention.retain(memory, memory.nioBuffer());
        } finally {
            memory.release();
        }
    }

    @Test
    void keepsBytesUntilTheyAreReleased() {
        RetainedBytes bytes = Objects.requireNonNull(receive(SIZE));
        assertThat(bytes.buffer().remaining()).isEqualTo(SIZE);
        assertThat(bytes.buffer().get(SIZE - 1)).isEqualTo((byte) '!');
        assertThat(retention.held()).isEqualTo(SIZE);
        bytes.release();
        bytes.release();
        assertThat(retention.held()).isZero();
    }

    @Test
    void fewBytesAreNotWorthTheirMemory() {
        assertThat(receive((8 << 10) - 1)).isNull();
        assertThat(receive(SIZE / 4 - 1)).isNull();
        Objects.requireNonNull(receive(SIZE / 4)).release();
    }

    @Test
    void onlySoMuchIsRetainedAtATime() {
        RetainedBytes one = Objects.requireNonNull(receive(SIZE));
        RetainedBytes two = Objects.requireNonNull(receive(SIZE));
        assertThat(receive(SIZE)).isNull();
        one.release();
        Objects.requireNonNull(receive(SIZE)).release();
        two.release();
    }
}
