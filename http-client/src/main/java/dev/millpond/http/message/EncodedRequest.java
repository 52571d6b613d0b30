package dev.millpond.http.message;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.jspecify.annotations.Nullable;

/** A request as it goes out. Immutable. */
public final class EncodedRequest {

    private static final int BODY_BUFFER = 16 << 10;

    private final ClassicHttpRequest message;
    private final byte[] bytes;
    private final byte @Nullable [] heldBody;
    private final @Nullable HttpEntity streamed;
    private final boolean expectsContinue;

    private EncodedRequest(
            ClassicHttpRequest message,
            byte[] bytes,
            byte @Nullable [] heldBody,
            @Nullable HttpEntity streamed,
            boolean expectsContinue) {
        this.message = message;
        this.bytes = bytes;
        this.heldBody = heldBody;
        this.streamed = streamed;
        this.expectsContinue = expectsContinue;
    }

    static EncodedRequest whole(ClassicHttpRequest message, byte[] bytes) {
        return new EncodedRequest(message, bytes, null, null, false);
    }

    static EncodedRequest held(ClassicHttpRequest message, byte[] head, byte[] body) {
        return new EncodedRequest(message, head, body, null, true);
    }

    static EncodedRequest streamed(ClassicHttpRequest message, byte[] head, HttpEntity body, boolean expectsContinue) {
        return new EncodedRequest(message, head, null, body, expectsContinue);
    }

    /** The message as sent, with all its fields. */
    public ClassicHttpRequest message() {
        return message;
    }

    /** The head, and the body if that was in memory and need not wait for a 100. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes);
    }

    /** Whether a body has to follow. */
    public boolean bodyFollows() {
        return streamed != null || heldBody != null;
    }

    /** The body, if it was in memory and has to wait for a 100. */
    public @Nullable ByteBuffer heldBody() {
        return heldBody == null ? null : ByteBuffer.wrap(heldBody);
    }

    /** Whether the body is to wait for a 100 (RFC 9110, section 10.1.1). */
    public boolean expectsContinue() {
        return expectsContinue;
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
}
