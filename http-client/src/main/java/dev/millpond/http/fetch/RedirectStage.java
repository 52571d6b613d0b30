package dev.millpond.http.fetch;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import org.apache.hc.client5.http.CircularRedirectException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RedirectException;
import org.apache.hc.client5.http.auth.AuthExchange;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.protocol.RedirectLocations;
import org.apache.hc.client5.http.protocol.RedirectStrategy;
import org.apache.hc.client5.http.utils.URIUtils;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

/** Follows redirects (RFC 9110, section 15.4), as far as the request's configuration and the strategy allow. */
final class RedirectStage implements Stage {

    /** What Apache's client takes for a limit that is not positive. */
    private static final int MAX_REDIRECTS = 50;

    private final RedirectStrategy strategy;

    RedirectStage(RedirectStrategy strategy) {
        this.strategy = strategy;
    }

    @Override
    public boolean sendsAgain(Call<?> call, ClassicHttpResponse response) throws HttpException, IOException {
        if (!call.config.isRedirectsEnabled() || !strategy.isRedirected(call.original, response, call.context)) {
            return false;
        }
        if (call.original.getEntity() != null && !call.original.getEntity().isRepeatable()) {
            return false;
        }
        checkCount(call);
        URI location = location(call, response);
        HttpHost target = URIUtils.extractHost(location);
        if (target == null) {
            throw new ProtocolException(
                    "redirect: expected a location with a host, got scheme " + location.getScheme());
        }
        checkCircle(call, location, target);
        ClassicHttpRequest redirect = redirect(call, response.getCode(), location);
        if (!strategy.isRedirectAllowed(call.route().getTargetHost(), target, redirect, call.context)) {
            return false;
        }
        call.context.getRedirectLocations().add(location);
        call.redirect(redirect, newRoute(call, target, redirect));
        return true;
    }

    private URI location(Call<?> call, ClassicHttpResponse response) throws HttpException {
        try {
            return strategy.getLocationURI(call.request(), response, call.context);
        } catch (ProtocolException e) {
            if (e.getCause() instanceof URISyntaxException syntax) {
                // Apache's messages quote the location, which may have a password or a token in it.
                throw new ProtocolException("Invalid redirect URI: " + syntax.getReason());
            }
            throw e;
        }
    }

    private static void checkCount(Call<?> call) throws RedirectException {
        int limit = call.config.getMaxRedirects() > 0 ? call.config.getMaxRedirects() : MAX_REDIRECTS;
        if (call.redirects() >= limit) {
            throw new RedirectException("Maximum redirects (" + limit + ") exceeded");
        }
    }

    private static void checkCircle(Call<?> call, URI location, HttpHost target) throws CircularRedirectException {
        RedirectLocations visited = call.context.getRedirectLocations();
        if (!call.config.isCircularRedirectsAllowed() && visited.contains(location)) {
            throw new CircularRedirectException(
                    "Circular redirect to '" + CallLog.target(target, location.getRawPath()) + "'");
        }
    }

    private static ClassicHttpRequest redirect(Call<?> call, int status, URI location) {
        ClassicRequestBuilder builder = becomesGet(call.original.getMethod(), status)
                ? ClassicRequestBuilder.get()
                : ClassicRequestBuilder.copy(call.unprepared());
        return builder.setUri(location).build();
    }

    private static boolean becomesGet(String method, int status) {
        return switch (status) {
            case HttpStatus.SC_MOVED_PERMANENTLY, HttpStatus.SC_MOVED_TEMPORARILY -> Method.POST.isSame(method);
            case HttpStatus.SC_SEE_OTHER -> !Method.GET.isSame(method) && !Method.HEAD.isSame(method);
            default -> false;
        };
    }

    /** What the old target and its proxy were told of the user is not for the new ones. */
    private static HttpRoute newRoute(Call<?> call, HttpHost target, ClassicHttpRequest redirect)
            throws HttpException, IOException {
        HttpRoute current = call.route();
        if (current.getTargetHost().equals(target)) {
            return current;
        }
        HttpRoute next = call.fetcher.settings.routes().plan(redirect, call.context);
        if (current.equals(next)) {
            return current;
        }
        HttpClientContext context = call.context;
        context.getAuthExchange(current.getTargetHost()).reset();
        HttpHost proxy = current.getProxyHost();
        if (proxy != null) {
            AuthExchange exchange = context.getAuthExchange(proxy);
            if (exchange.isConnectionBased()) {
                exchange.reset();
            }
        }
        if (proxy == null || !Objects.equals(proxy, next.getProxyHost())) {
            redirect.removeHeaders(HttpHeaders.PROXY_AUTHORIZATION);
        }
        return next;
    }
}
