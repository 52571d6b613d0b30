package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.RetainedBytes;
import java.lang.ref.Cleaner.Cleanable;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a live response that arrived together, in the memory where they were received if they are many. Locked, as a
 * response may be closed, and the memory be another's, while a reader copies out of it.
 */
final class Arrived {

    static final Arrived NOTHING = new Arrived(new byte[0]);

    private final ByteBuffer bytes;
    private final @Nullable Cleanable memory;
    private boolean dropped;

    Arrived(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
        this.memory = null;
    }

    private Arrived(RetainedBytes retained) {
        this.bytes = retained.buffer();
        // For the memory of a response that is forgotten.
        this.memory = ResponseStorage.CLEANER.register(this, retained::release);
    }

    /** @param bytes of the buffer that {@code socket} is calling its listener with */
    static Arrived of(ByteBuffer bytes, AsyncSocket socket) {
        RetainedBytes retained = socket.retain(bytes);
        if (retained != null) {
            return new Arrived(retained);
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return new Arrived(copy);
    }

    synchronized int remaining() {
        return dropped ? 0 : bytes.remaining();
    }

    /** Takes as many as there are, up to {@code length}. */
    synchronized int read(byte[] target, int offset, int length) {
        int count = Math.min(length, remaining());
        if (count > 0) {
            bytes.get(target, offset, count);
            if (!bytes.hasRemaining()) {
                drop();
            }
        }
        return count;
    }

    synchronized void drop() {
        dropped = true;
        if (memory != null) {
            memory.clean();
        }
    }
}
