package dev.millpond.async;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * How to secure a connection. Immutable; the methods named after a component return a changed copy.
 *
 * @param context keys, trust and the provider
 * @param clientMode whether this side is the client
 * @param peerHost for a client: the name sent as SNI (unless it is an address), and verified against the server's
 *     certificate as HTTPS does (RFC 9110, section 4.3.4). Empty for a server.
 * @param peerPort for a client: with {@code peerHost} the key of session resumption
 * @param handshakeTimeout bound for the handshake; default 10 s
 * @param clientAuthentication for a server: whether clients show certificates, which the trust of {@code context}
 *     decides on; {@link javax.net.ssl.SSLSession#getPeerCertificates()} has them; default none
 * @param applicationProtocols what this side speaks, best first, for ALPN (RFC 7301), as in "h2", "http/1.1"; empty,
 *     the default, for no ALPN. A server that shares none with a client that offers some fails the handshake.
 *     {@link AsyncSocket#applicationProtocol()} tells the choice.
 * @param engineCustomizer has the last word on the engine (protocols, ciphers) before the handshake; called on the
 *     event loop, so it must not block; what it throws fails the handshake
 */
public record TlsOptions(
        SSLContext context,
        boolean clientMode,
        String peerHost,
        int peerPort,
        Duration handshakeTimeout,
        ClientAuthentication clientAuthentication,
        List<String> applicationProtocols,
        Consumer<SSLEngine> engineCustomizer) {

    private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    public TlsOptions {
        if (clientMode && clientAuthentication != ClientAuthentication.NONE) {
            throw new IllegalArgumentException("clientAuthentication: only a server can ask for it");
        }
        applicationProtocols = List.copyOf(applicationProtocols);
    }

    public static TlsOptions client(SSLContext context, String peerHost, int peerPort) {
        return of(context, true, peerHost, peerPort);
    }

    public static TlsOptions server(SSLContext context) {
        return of(context, false, "", -1);
    }

    private static TlsOptions of(SSLContext context, boolean clientMode, String peerHost, int peerPort) {
        return new TlsOptions(
                context,
                clientMode,
                peerHost,
                peerPort,
                DEFAULT_HANDSHAKE_TIMEOUT,
                ClientAuthentication.NONE,
                List.of(),
                engine -> {});
    }

    public TlsOptions handshakeTimeout(Duration timeout) {
        return new TlsOptions(
                context,
                clientMode,
                peerHost,
                peerPort,
                timeout,
                clientAuthentication,
                applicationProtocols,
                engineCustomizer);
    }

    public TlsOptions clientAuthentication(ClientAuthentication wanted) {
        return new TlsOptions(
                context,
                clientMode,
                peerHost,
                peerPort,
                handshakeTimeout,
                wanted,
                applicationProtocols,
                engineCustomizer);
    }

    public TlsOptions applicationProtocols(String... protocols) {
        return new TlsOptions(
                context,
                clientMode,
                peerHost,
                peerPort,
                handshakeTimeout,
                clientAuthentication,
                List.of(protocols),
                engineCustomizer);
    }

    public TlsOptions engineCustomizer(Consumer<SSLEngine> customizer) {
        return new TlsOptions(
                context,
                clientMode,
                peerHost,
                peerPort,
                handshakeTimeout,
                clientAuthentication,
                applicationProtocols,
                customizer);
    }
}
