package dev.millpond.http.fetch;

import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;

/** Copies of requests, to be prepared and sent. */
final class Requests {

    private Requests() {}

    /** With scheme, authority and version, and the whole URI as its target where a proxy has to see it. */
    static ClassicHttpRequest copy(ClassicHttpRequest original, HttpRoute route) {
        HttpHost target = route.getTargetHost();
        BasicClassicHttpRequest copy = new BasicClassicHttpRequest(
                original.getMethod(),
                original.getScheme() == null ? target.getSchemeName() : original.getScheme(),
                original.getAuthority() == null ? new URIAuthority(target) : original.getAuthority(),
                original.getPath());
        copy.setVersion(original.getVersion() == null ? HttpVersion.HTTP_1_1 : original.getVersion());
        copy.setHeaders(original.getHeaders());
        copy.setEntity(original.getEntity());
        copy.setAbsoluteRequestUri(route.getProxyHost() != null && !route.isTunnelled());
        return copy;
    }
}
