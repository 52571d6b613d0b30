package dev.millpond.async;

import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * How to secure a connection. Immutable.
 *
 * @param context keys, trust and the provider
 * @param clientMode whether this side is the client
 * @param peerHost for a client: the name sent as SNI (unless it is an address), and verified against the server's
 *     certificate as HTTPS does (RFC 9110, section 4.3.4). Empty for a server.
 * @param peerPort for a client: with {@code peerHost} the key of session resumption
 * @param handshakeTimeout bound for the handshake; default 10 s
 */
public record TlsOptions(
        SSLContext context, boolean clientMode, String peerHost, int peerPort, Duration handshakeTimeout) {

    private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    public static TlsOptions client(SSLContext context, String peerHost, int peerPort) {
        return new TlsOptions(context, true, peerHost, peerPort, DEFAULT_HANDSHAKE_TIMEOUT);
    }

    public static TlsOptions server(SSLContext context) {
        return new TlsOptions(context, false, "", -1, DEFAULT_HANDSHAKE_TIMEOUT);
    }

    public TlsOptions handshakeTimeout(Duration timeout) {
        return new TlsOptions(context, clientMode, peerHost, peerPort, timeout);
    }
}
