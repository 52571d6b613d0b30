package dev.millpond.async;

/** Whether a TLS server asks its clients for certificates. */
public enum ClientAuthentication {
    NONE,
    /** Asks; a client that has none gets in, one whose certificate isn't trusted doesn't. */
    OPTIONAL,
    /** Without a trusted certificate the handshake fails. */
    REQUIRED
}
