package dev.millpond.http.connect;

import java.io.IOException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.UnsupportedSchemeException;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/** Finds the routes of requests. Thread-safe, as far as its planner is. */
public final class Routes {

    private final HttpRoutePlanner planner;

    /**
     * Whether the planner looks at nothing but the target's scheme and authority, and at the request's configuration.
     */
    private final boolean direct;

    private volatile @Nullable KnownRoute last;

    /** @param planner null for Apache's default: directly to the target */
    public Routes(@Nullable HttpRoutePlanner planner) {
        this.planner = planner != null ? planner : new DefaultRoutePlanner(DefaultSchemePortResolver.INSTANCE);
        this.direct = planner == null;
    }

    /**
     * The route of a request, which has to be to a host and port by http or https. Calls the planner, which may be code
     * of the user's.
     */
    public HttpRoute plan(ClassicHttpRequest request, HttpClientContext context) throws HttpException, IOException {
        boolean plain = direct && plain(context.getRequestConfigOrDefault());
        KnownRoute known = last;
        if (plain && known != null && known.serves(request)) {
            return known.route();
        }
        HttpRoute route = newRoute(request, context);
        if (plain && request.getAuthority() != null) {
            // Many requests in a row go to the same host.
            last = new KnownRoute(request.getScheme(), request.getAuthority(), route);
        }
        return route;
    }

    private record KnownRoute(String scheme, URIAuthority authority, HttpRoute route) {

        boolean serves(ClassicHttpRequest request) {
            return scheme.equals(request.getScheme()) && authority.equals(request.getAuthority());
        }
    }

    @SuppressWarnings("deprecation")
    private static boolean plain(RequestConfig config) {
        return config.getProxy() == null && config.getUnixDomainSocket() == null;
    }

    private HttpRoute newRoute(ClassicHttpRequest request, HttpClientContext context)
            throws HttpException, IOException {
        HttpHost host = RoutingSupport.determineHost(request);
        if (host != null) {
            checkScheme(host);
        } else if (planner instanceof DefaultRoutePlanner) {
            throw new ProtocolException("request: expected an absolute URI, got " + request.getRequestUri());
        }
        HttpRoute route = planner.determineRoute(host, request, context);
        if (route == null) {
            throw new ProtocolException("route planner: expected a route, got null");
        }
        checkScheme(route.getTargetHost());
        if (route.getTargetHost().getPort() < 1) {
            throw new ProtocolException(
                    "port: expected 1 to 65535, got " + route.getTargetHost().getPort());
        }
        return route;
    }

    private static void checkScheme(HttpHost host) throws UnsupportedSchemeException {
        String scheme = host.getSchemeName();
        if (!URIScheme.HTTPS.same(scheme) && !URIScheme.HTTP.same(scheme)) {
            throw new UnsupportedSchemeException("scheme: expected http or https, got " + scheme);
        }
    }
}
