package dev.millpond.http.fetch;

import java.io.IOException;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.cookie.CookieSpecFactory;
import org.apache.hc.client5.http.cookie.CookieStore;
import org.apache.hc.client5.http.impl.CookieSpecSupport;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.protocol.RequestAddCookies;
import org.apache.hc.client5.http.protocol.ResponseProcessCookies;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpResponseInterceptor;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Apache's cookie interceptors, which make a specification and an origin for each request, but for the many requests
 * that have no cookie to send and get none.
 */
final class Cookies implements HttpRequestInterceptor, HttpResponseInterceptor {

    /** Apache's, which load the list of public suffixes: with the first cookie here, not with the first client. */
    static final Lookup<CookieSpecFactory> SPECIFICATIONS = name -> Specifications.DEFAULT.lookup(name);

    private static final class Specifications {
        private static final Lookup<CookieSpecFactory> DEFAULT = CookieSpecSupport.createDefault();
    }

    @Override
    public void process(HttpRequest request, EntityDetails entity, HttpContext context)
            throws HttpException, IOException {
        HttpClientContext own = HttpClientContext.cast(context);
        if (!isEmpty(own.getCookieStore())) {
            RequestAddCookies.INSTANCE.process(request, entity, context);
        } else if (own.getCookieOrigin() != null) {
            // Of another request.
            own.setCookieOrigin(null);
            own.setCookieSpec(null);
        }
    }

    /** Other stores may have reasons of their own to be asked. */
    private static boolean isEmpty(CookieStore store) {
        if (store instanceof NewCookieStore own) {
            return own.isEmpty();
        }
        return store != null
                && store.getClass() == BasicCookieStore.class
                && store.getCookies().isEmpty();
    }

    @Override
    public void process(HttpResponse response, EntityDetails entity, HttpContext context)
            throws HttpException, IOException {
        if (!response.containsHeader(HttpHeaders.SET_COOKIE)) {
            return;
        }
        HttpClientContext own = HttpClientContext.cast(context);
        HttpRequest request = own.getRequest();
        if (own.getCookieOrigin() == null && !request.containsHeader(HttpHeaders.COOKIE)) {
            HttpRequest likeIt = new BasicHttpRequest(
                    request.getMethod(), request.getScheme(), request.getAuthority(), request.getPath());
            RequestAddCookies.INSTANCE.process(likeIt, null, context);
        }
        ResponseProcessCookies.INSTANCE.process(response, entity, context);
    }
}
