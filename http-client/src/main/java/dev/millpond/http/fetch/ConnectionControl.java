package dev.millpond.http.fetch;

import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Asks the target, and not a proxy in between, to keep the connection: as Apache's {@code RequestClientConnControl},
 * but with the same field for all requests, and without an exchange's id for a log.
 */
final class ConnectionControl implements HttpRequestInterceptor {

    private static final Header KEEP_ALIVE = new BasicHeader(HttpHeaders.CONNECTION, HeaderElements.KEEP_ALIVE);

    @Override
    public void process(HttpRequest request, EntityDetails entity, HttpContext context) {
        RouteInfo route = HttpClientContext.cast(context).getHttpRoute();
        if ((route.getHopCount() == 1 || route.isTunnelled()) && !request.containsHeader(HttpHeaders.CONNECTION)) {
            request.addHeader(KEEP_ALIVE);
        }
    }
}
