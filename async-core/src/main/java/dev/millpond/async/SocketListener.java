package dev.millpond.async;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What happens on one socket. All methods are called on the socket's event loop, one at a time, and must not block.
 * After {@link #onFailure} nothing more is called.
 */
public interface SocketListener {

    /**
     * Bytes have arrived, as many as came at once: messages may come in pieces, or several together. The buffer is a
     * view that is valid during the call only, and what is not taken from it then is dropped.
     */
    void onBytes(ByteBuffer bytes);

    /**
     * The peer will send no more: its FIN, or over TLS its {@code close_notify}. Called as soon as it arrives, at most
     * once, after all bytes. The socket can still write, until it is closed.
     */
    void onEnd();

    /**
     * The connection broke and is closed: {@link java.net.SocketException} (reset), {@link TlsTruncationException},
     * another {@link javax.net.ssl.SSLException} (an alert, a bad record), {@link java.net.SocketTimeoutException}
     * ({@link AsyncSocket#timeouts}), a SocketException when the core was closed, or an {@link IOException} whose cause
     * is what a callback threw. Not called for a {@link AsyncSocket#close()} or {@link AsyncSocket#abort()} of this
     * side.
     */
    void onFailure(IOException cause);

    /** {@link AsyncSocket#writable()} has become true again. Called also while the socket is paused. */
    default void onWritable() {}
}
