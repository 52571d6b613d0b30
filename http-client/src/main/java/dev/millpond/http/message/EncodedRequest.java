package dev.millpond.http.message;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.jspecify.annotations.Nullable;

/** A request as it goes out. Immutable. */
public final class EncodedRequest {

    private static final int BODY_BUFFER = 16 << 10;

    private final ClassicHttpRequest message;
    private final ByteBuffer bytes;
    private final @Nullable HttpEntity streamed;

    EncodedRequest(ClassicHttpRequest message, ByteBuffer bytes, @Nullable HttpEntity streamed) {
        this.message = message;
        this.bytes = bytes;
        this.streamed = streamed;
    }

    /** The message as sent, with all its fields. */
    public ClassicHttpRequest message() {
        return message;
    }

    /** The head, and the body if that was in memory. */
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }

    /** Whether a body follows that has to be written by blocking code. */
    public boolean hasStreamedBody() {
        return streamed != null;
    }

    /** That body, if it is a file that can be sent without blocking code; else null. */
    public @Nullable FileBody file() {
        return streamed == null ? null : FileBody.of(message, streamed);
    }

    /** Writes that body, framed. Blocks as the entity and {@code target} do. */
    public void writeBody(OutputStream target) throws IOException {
        if (streamed != null) {
            SessionOutputBufferImpl buffer = new SessionOutputBufferImpl(BODY_BUFFER);
            RequestEncoder.writeEntity(streamed, buffer, target);
        }
    }

    /** Whether the body, if any, can be sent once more. */
    public boolean repeatable() {
        return streamed == null || streamed.isRepeatable();
    }

    /** Whether it does no harm if the server processes the request twice (RFC 9110, section 9.2.2). */
    public boolean idempotent() {
        return Method.isIdempotent(message.getMethod());
    }
}
