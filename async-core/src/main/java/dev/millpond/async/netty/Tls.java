package dev.millpond.async.netty;

import dev.millpond.async.TlsOptions;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.IDN;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Makes the TLS layer of a socket from {@link TlsOptions}. */
final class Tls {

    private Tls() {}

    /**
     * A handler that runs the engine's tasks on the event loop. A pool for them would let a FIN overtake bytes that
     * wait in the handler for a task to end; and the default trust managers compute for a millisecond, but do not
     * block.
     */
    static SslHandler handler(TlsOptions options) {
        SSLEngine engine = options.clientMode() ? client(options) : server(options);
        if (!options.applicationProtocols().isEmpty()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(options.applicationProtocols().toArray(String[]::new));
            engine.setSSLParameters(parameters);
        }
        options.engineCustomizer().accept(engine);
        SslHandler handler = new SslHandler(engine);
        handler.setHandshakeTimeout(options.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        return handler;
    }

    private static SSLEngine server(TlsOptions options) {
        SSLEngine engine = options.context().createSSLEngine();
        engine.setUseClientMode(false);
        switch (options.clientAuthentication()) {
            case NONE -> {}
            case OPTIONAL -> engine.setWantClientAuth(true);
            case REQUIRED -> engine.setNeedClientAuth(true);
        }
        return engine;
    }

    private static SSLEngine client(TlsOptions options) {
        String host = peerHost(options.peerHost());
        SSLEngine engine = options.context().createSSLEngine(host, options.peerPort());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!isLiteral(host)) {
            parameters.setServerNames(serverNames(host));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Set here because the JDK of itself leaves names without a dot out. */
    private static List<SNIServerName> serverNames(String host) {
        try {
            return List.of(new SNIHostName(host));
        } catch (IllegalArgumentException notAHostName) {
            // As in "my_host": no certificate can match it, and the handshake will say so.
            return List.of();
        }
    }

    /** As certificates and SNI have it: no brackets, no scope, no trailing dot (RFC 6066, section 3), ASCII. */
    private static String peerHost(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        int scope = bare.indexOf('%');
        if (scope > 0) {
            bare = bare.substring(0, scope);
        }
        if (isLiteral(bare)) {
            return bare;
        }
        return IDN.toASCII(bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare);
    }

    private static boolean isLiteral(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }
}
