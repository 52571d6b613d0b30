package dev.millpond.http.connect;

import dev.millpond.http.message.RequestEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.auth.AuthExchange;
import org.apache.hc.client5.http.auth.ChallengeType;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.auth.AuthCacheKeeper;
import org.apache.hc.client5.http.impl.auth.AuthenticationHandler;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.StatusLine;
import org.apache.hc.core5.http.protocol.DefaultHttpProcessor;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.http.protocol.RequestUserAgent;

/**
 * What is said to a proxy to get a tunnel through it (RFC 9110, section 9.3.6), its login (section 11.7) included. It
 * waits for nothing, but calls code of the user's: credentials, authentication schemes and caches. One thread at a
 * time.
 */
final class Tunnel {

    /** What a proxy's response to {@link #request} means. */
    enum Answer {
        OPEN,
        /** Ask again, on the same connection. */
        CHALLENGE,
        /** Ask again, on a new connection. */
        CHALLENGE_AND_CLOSE,
        REFUSED
    }

    private static final AuthenticationHandler AUTHENTICATOR = new AuthenticationHandler();

    private final HttpHost target;
    private final HttpHost proxy;
    private final HttpClientContext context;
    private final AuthenticationStrategy strategy;
    private final String userAgent;
    private final AuthCacheKeeper cache;

    Tunnel(HttpRoute route, HttpClientContext context, ConnectSettings settings) {
        this.target = route.getTargetHost();
        this.proxy = route.getProxyHost();
        this.context = context;
        this.strategy = settings.proxyAuthentication();
        this.userAgent = settings.userAgent();
        this.cache = new AuthCacheKeeper(settings.ports());
    }

    /** A CONNECT request, with the proxy's credentials as far as they are asked for, or known to be. */
    ByteBuffer request() throws HttpException, IOException {
        AuthExchange exchange = context.getAuthExchange(proxy);
        cache.loadPreemptively(proxy, null, exchange, context);
        ClassicHttpRequest connect = newRequest();
        new DefaultHttpProcessor(RequestTargetHost.INSTANCE, new RequestUserAgent(userAgent))
                .process(connect, null, context);
        AUTHENTICATOR.addAuthResponse(proxy, ChallengeType.PROXY, connect, exchange, context);
        return RequestEncoder.encode(connect).bytes();
    }

    private ClassicHttpRequest newRequest() {
        ClassicHttpRequest connect = new BasicClassicHttpRequest(Method.CONNECT, target, target.toHostString());
        connect.setVersion(HttpVersion.HTTP_1_1);
        return connect;
    }

    /**
     * @param reusable whether another request can follow on the connection, as far as framing goes
     * @throws HttpException if this is not a response to CONNECT, or a mutual login failed
     */
    Answer answer(ClassicHttpResponse response, boolean reusable) throws HttpException {
        if (response.getCode() < HttpStatus.SC_SUCCESS) {
            throw new HttpException("unexpected response to CONNECT: " + new StatusLine(response));
        }
        if (context.getRequestConfigOrDefault().isAuthenticationEnabled() && answered(response)) {
            return reusable && DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(newRequest(), response, context)
                    ? Answer.CHALLENGE
                    : Answer.CHALLENGE_AND_CLOSE;
        }
        return response.getCode() == HttpStatus.SC_OK ? Answer.OPEN : Answer.REFUSED;
    }

    /** Whether there is an answer to a challenge in the response. */
    private boolean answered(ClassicHttpResponse response) throws HttpException {
        AuthExchange exchange = context.getAuthExchange(proxy);
        boolean challenged = AUTHENTICATOR.isChallenged(proxy, ChallengeType.PROXY, response, exchange, context);
        boolean mutual = AUTHENTICATOR.isChallengeExpected(exchange);
        if (challenged) {
            cache.updateOnChallenge(proxy, null, exchange, context);
        } else {
            cache.updateOnNoChallenge(proxy, null, exchange, context);
        }
        if (!challenged && !mutual) {
            return false;
        }
        boolean answered =
                AUTHENTICATOR.handleResponse(proxy, ChallengeType.PROXY, response, strategy, exchange, context);
        cache.updateOnResponse(proxy, null, exchange, context);
        return answered;
    }
}
