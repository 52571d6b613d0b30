package dev.millpond.async;

import java.nio.ByteBuffer;

/**
 * Received bytes that stay in the core's memory after the {@link SocketListener#onBytes} that brought them, until they
 * are released, which they have to be, sooner or later. Thread-safe, but for the buffer.
 */
public interface RetainedBytes {

    /** The one view of them. It must not be touched after {@link #release}: others' bytes may be there by then. */
    ByteBuffer buffer();

    /** Gives the memory back. Idempotent. */
    void release();
}
