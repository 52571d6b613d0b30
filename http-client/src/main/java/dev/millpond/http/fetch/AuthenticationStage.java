package dev.millpond.http.fetch;

import java.io.IOException;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.auth.AuthExchange;
import org.apache.hc.client5.http.auth.AuthenticationException;
import org.apache.hc.client5.http.auth.ChallengeType;
import org.apache.hc.client5.http.auth.MalformedChallengeException;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.RequestSupport;
import org.apache.hc.client5.http.impl.auth.AuthCacheKeeper;
import org.apache.hc.client5.http.impl.auth.AuthenticationHandler;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/**
 * Answers the challenges of a target (401), and of a proxy that sees the request (407; RFC 9110, section 11). The
 * fields added here are of one sending: the request starts from its own before each.
 *
 * <p>A 407 without such a proxy is handed on: its sender is nobody's proxy, and gets no credentials.
 */
final class AuthenticationStage implements Stage {

    private final AuthenticationHandler handler = new AuthenticationHandler();
    private final AuthCacheKeeper cache = new AuthCacheKeeper(DefaultSchemePortResolver.INSTANCE);
    private final AuthenticationStrategy targetStrategy;
    private final AuthenticationStrategy proxyStrategy;

    AuthenticationStage(AuthenticationStrategy targetStrategy, AuthenticationStrategy proxyStrategy) {
        this.targetStrategy = targetStrategy;
        this.proxyStrategy = proxyStrategy;
    }

    @Override
    public void prepare(Call<?> call, ClassicHttpRequest request) throws ProtocolException {
        if (request.getAuthority().getUserInfo() != null) {
            throw new ProtocolException("request: expected no user information in its URI (deprecated), got some");
        }
        HttpClientContext context = call.context;
        if (context.getAuthCache() == null && !NewContext.authenticates(context)) {
            return;
        }
        prepareForTarget(request, context);
        HttpHost proxy = proxyOf(call.route());
        if (proxy != null) {
            AuthExchange exchange = context.getAuthExchange(proxy);
            cache.loadPreemptively(proxy, null, exchange, context);
            if (!request.containsHeader(HttpHeaders.PROXY_AUTHORIZATION)) {
                handler.addAuthResponse(proxy, ChallengeType.PROXY, request, exchange, context);
            }
        }
    }

    private void prepareForTarget(ClassicHttpRequest request, HttpClientContext context) {
        HttpHost target = targetOf(request);
        String prefix = RequestSupport.extractPathPrefix(request);
        AuthExchange exchange = context.getAuthExchange(target);
        if (!exchange.isConnectionBased()
                && exchange.getPathPrefix() != null
                && !prefix.startsWith(exchange.getPathPrefix())) {
            exchange.reset();
        }
        cache.loadPreemptively(target, prefix, exchange, context);
        if (!request.containsHeader(HttpHeaders.AUTHORIZATION)) {
            handler.addAuthResponse(target, ChallengeType.TARGET, request, exchange, context);
        }
    }

    @Override
    public boolean sendsAgain(Call<?> call, ClassicHttpResponse response)
            throws AuthenticationException, MalformedChallengeException {
        HttpClientContext context = call.context;
        int status = response.getCode();
        boolean challenge =
                status == HttpStatus.SC_UNAUTHORIZED || status == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED;
        if (!challenge && !NewContext.authenticates(context)) {
            return false;
        }
        ClassicHttpRequest request = call.request();
        if (Method.TRACE.isSame(request.getMethod()) || !call.repeatable() || !call.config.isAuthenticationEnabled()) {
            return false;
        }
        boolean forTarget = challenged(
                targetOf(request), ChallengeType.TARGET, RequestSupport.extractPathPrefix(request), response, context);
        HttpHost proxy = proxyOf(call.route());
        boolean forProxy = proxy != null && challenged(proxy, ChallengeType.PROXY, null, response, context);
        if (forTarget || forProxy) {
            call.resetFields();
            return true;
        }
        return false;
    }

    /** Whether the host asks for authentication, and there is an answer to it. */
    private boolean challenged(
            HttpHost host,
            ChallengeType type,
            @Nullable String pathPrefix,
            ClassicHttpResponse response,
            HttpClientContext context)
            throws AuthenticationException, MalformedChallengeException {
        AuthExchange exchange = context.getAuthExchange(host);
        boolean requested = handler.isChallenged(host, type, response, exchange, context);
        if (requested) {
            cache.updateOnChallenge(host, pathPrefix, exchange, context);
        } else {
            cache.updateOnNoChallenge(host, pathPrefix, exchange, context);
            if (!handler.isChallengeExpected(exchange)) {
                return false;
            }
        }
        AuthenticationStrategy strategy = type == ChallengeType.TARGET ? targetStrategy : proxyStrategy;
        boolean answer = handler.handleResponse(host, type, response, strategy, exchange, context);
        if (pathPrefix != null && !exchange.isConnectionBased() && exchange.getPathPrefix() == null) {
            exchange.setPathPrefix(pathPrefix);
        }
        cache.updateOnResponse(host, pathPrefix, exchange, context);
        return answer;
    }

    /** What was negotiated for a connection has ended with it. */
    @Override
    public boolean sendsAgain(Call<?> call, IOException failure) {
        for (AuthExchange exchange : call.context.getAuthExchanges().values()) {
            if (exchange.isConnectionBased()) {
                exchange.reset();
            }
        }
        return false;
    }

    private static HttpHost targetOf(ClassicHttpRequest request) {
        URIAuthority authority = request.getAuthority();
        return new HttpHost(
                request.getScheme(),
                authority.getHostName(),
                DefaultSchemePortResolver.INSTANCE.resolve(request.getScheme(), authority));
    }

    private static @Nullable HttpHost proxyOf(HttpRoute route) {
        return route.isTunnelled() ? null : route.getProxyHost();
    }
}
