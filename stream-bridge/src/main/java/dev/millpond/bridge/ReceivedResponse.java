package dev.millpond.bridge;

import dev.millpond.bridge.detect.Framing;
import java.io.Closeable;
import java.io.InputStream;

/** A response that can be read: complete, or live. */
public sealed interface ReceivedResponse extends Closeable permits CompleteResponse, LiveResponse {

    /** The response as on the wire, from its status line on. */
    InputStream inputStream();

    /** Bytes of the head, up to and including its empty line. */
    int headLength();

    int statusCode();

    Framing framing();

    /**
     * Whether the connection can carry another exchange as far as framing goes (RFC 9112, section 9.3): the end was
     * certain, nothing was left over, and the connection was still open. False while it is still being received. Says
     * nothing of the Connection field.
     */
    boolean reusable();

    @Override
    void close();
}
