package dev.millpond.async;

import javax.net.ssl.SSLException;

/**
 * The peer, or somebody between, closed a TLS connection without a {@code close_notify} alert: what was received may
 * not be all that was sent (RFC 8446, section 6.1).
 */
public final class TlsTruncationException extends SSLException {

    private static final long serialVersionUID = 1L;

    public TlsTruncationException() {
        super("connection closed without close_notify");
    }
}
