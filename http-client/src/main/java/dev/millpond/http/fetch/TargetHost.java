package dev.millpond.http.fetch;

import java.io.IOException;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/** Apache's interceptor for the Host field, whose last field serves the many requests in a row to the same host. */
final class TargetHost implements HttpRequestInterceptor {

    private volatile @Nullable Known last;

    private record Known(String host, int port, Header field) {

        boolean serves(URIAuthority authority) {
            return port == authority.getPort() && host.equals(authority.getHostName());
        }
    }

    @Override
    public void process(HttpRequest request, EntityDetails entity, HttpContext context)
            throws HttpException, IOException {
        URIAuthority authority = request.getAuthority();
        if (authority == null || request.containsHeader(HttpHeaders.HOST)) {
            RequestTargetHost.INSTANCE.process(request, entity, context);
            return;
        }
        Known known = last;
        if (known != null && known.serves(authority)) {
            request.addHeader(known.field);
            return;
        }
        RequestTargetHost.INSTANCE.process(request, entity, context);
        Header field = request.getFirstHeader(HttpHeaders.HOST);
        if (field != null) {
            last = new Known(authority.getHostName(), authority.getPort(), field);
        }
    }
}
