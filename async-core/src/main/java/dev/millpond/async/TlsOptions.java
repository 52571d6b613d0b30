package dev.millpond.async;

import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * How to secure a connection. Immutable.
 *
 * @param context keys, trust and the provider
 * @param clientMode whether this side is the client
 * @param peerHost for a client: the name sent as SNI (unless it is an address), and verified against the server's
 *     certificate as HTTPS does (RFC 9110, section 4.3.4). Empty for a server.
 * @param peerPort for a client: with {@code peerHost} the key of session resumption
 * @param handshakeTimeout bound for the handshake; default 10 s
 * @param engineCustomizer has the last word on the engine (protocols, ciphers, client authentication, ALPN) before the
 *     handshake; called on the event loop, so it must not block; what it throws fails the handshake
 */
public record TlsOptions(
        SSLContext context,
        boolean clientMode,
        String peerHost,
        int peerPort,
        Duration handshakeTimeout,
        Consumer<SSLEngine> engineCustomizer) {

    private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    public static TlsOptions client(SSLContext context, String peerHost, int peerPort) {
        return new TlsOptions(context, true, peerHost, peerPort, DEFAULT_HANDSHAKE_TIMEOUT, engine -> {});
    }

    public static TlsOptions server(SSLContext context) {
        return new TlsOptions(context, false, "", -1, DEFAULT_HANDSHAKE_TIMEOUT, engine -> {});
    }

    public TlsOptions handshakeTimeout(Duration timeout) {
        return new TlsOptions(context, clientMode, peerHost, peerPort, timeout, engineCustomizer);
    }

    public TlsOptions engineCustomizer(Consumer<SSLEngine> customizer) {
        return new TlsOptions(context, clientMode, peerHost, peerPort, handshakeTimeout, customizer);
    }
}
