package dev.millpond.http.connect;

import dev.millpond.async.TlsOptions;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.reactor.ssl.SSLSessionInitializer;
import org.apache.hc.core5.reactor.ssl.SSLSessionVerifier;
import org.apache.hc.core5.reactor.ssl.TlsDetails;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * How a strategy of Apache's wants one connection secured. It is asked through its asynchronous face, which says what
 * context to use, how to set up the engine and what to verify, without a socket; the core does the rest.
 */
public final class TlsUpgrade {

    private final NamedEndpoint endpoint;
    private final Request request = new Request();
    private volatile @Nullable SSLEngine engine;

    public TlsUpgrade(
            TlsStrategy strategy, NamedEndpoint endpoint, @Nullable Object attachment, Timeout handshakeTimeout) {
        this.endpoint = endpoint;
        strategy.upgrade(request, endpoint, attachment, handshakeTimeout, null);
    }

    /**
     * The asynchronous face of a strategy.
     *
     * @throws IllegalArgumentException if it has none, or if it does with sockets what that doesn't know of
     */
    public static TlsStrategy asynchronous(TlsSocketStrategy strategy) {
        if (!(strategy instanceof TlsStrategy asynchronous)) {
            throw new IllegalArgumentException(
                    "tlsSocketStrategy: expected a DefaultClientTlsStrategy, or another that is"
                            + " a TlsStrategy too, got " + strategy.getClass().getName()
                            + ": connections are secured in the asynchronous core, where there is no SSLSocket to configure");
        }
        if (strategy instanceof DefaultClientTlsStrategy) {
            refuseSocketHooks(strategy.getClass());
        }
        return asynchronous;
    }

    private static void refuseSocketHooks(Class<?> strategy) {
        for (Class<?> type = strategy; type != DefaultClientTlsStrategy.class; type = type.getSuperclass()) {
            boolean hooked = Arrays.stream(type.getDeclaredMethods())
                    .flatMap(method -> Arrays.stream(method.getParameterTypes()))
                    .anyMatch(parameter -> parameter == Socket.class || parameter == SSLSocket.class);
            if (hooked) {
                throw new IllegalArgumentException("tlsSocketStrategy: " + type.getName()
                        + " overrides a method that configures an SSLSocket, which would never be called: connections are"
                        + " secured in the asynchronous core; override initializeEngine(SSLEngine) instead");
            }
        }
    }

    /**
     * For the handshake.
     *
     * @throws SSLException if the strategy asked for none
     */
    public TlsOptions options(Duration handshakeTimeout) throws SSLException {
        SSLContext context = request.context;
        if (context == null) {
            throw new SSLException("tls strategy did not start tls");
        }
        return TlsOptions.client(context, endpoint.getHostName(), endpoint.getPort())
                .handshakeTimeout(handshakeTimeout)
                .engineCustomizer(this::initialize);
    }

    private void initialize(SSLEngine created) {
        SSLParameters parameters = created.getSSLParameters();
        // Whether the JDK verifies the name is the strategy's to say.
        parameters.setEndpointIdentificationAlgorithm("");
        created.setSSLParameters(parameters);
        SSLSessionInitializer initializer = request.initializer;
        if (initializer != null) {
            initializer.initialize(endpoint, created);
        }
        // Asked this way, it offers HTTP/2.
        SSLParameters initialized = created.getSSLParameters();
        initialized.setApplicationProtocols(new String[0]);
        created.setSSLParameters(initialized);
        engine = created;
    }

    /** After the handshake. Calls code of the user's, which may block. */
    public void verify() throws SSLException {
        SSLSessionVerifier verifier = request.verifier;
        if (verifier != null) {
            var unused = verifier.verify(endpoint, Objects.requireNonNull(engine));
        }
    }

    /** Notes down what the strategy asks for. */
    private static final class Request implements TransportSecurityLayer {

        private @Nullable SSLContext context;
        private @Nullable SSLSessionInitializer initializer;
        private @Nullable SSLSessionVerifier verifier;

        @Override
        public void startTls(
                SSLContext sslContext,
                NamedEndpoint endpoint,
                SSLBufferMode bufferMode,
                SSLSessionInitializer sessionInitializer,
                SSLSessionVerifier sessionVerifier,
                Timeout handshakeTimeout) {
            context = sslContext;
            initializer = sessionInitializer;
            verifier = sessionVerifier;
        }

        @Override
        public void startTls(
                SSLContext sslContext,
                NamedEndpoint endpoint,
                SSLBufferMode bufferMode,
                SSLSessionInitializer sessionInitializer,
                SSLSessionVerifier sessionVerifier,
                Timeout handshakeTimeout,
                FutureCallback<TransportSecurityLayer> callback) {
            startTls(sslContext, endpoint, bufferMode, sessionInitializer, sessionVerifier, handshakeTimeout);
        }

        @Override
        public @Nullable TlsDetails getTlsDetails() {
            return null;
        }
    }
}
