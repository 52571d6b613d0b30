package dev.millpond.http.fetch;

import java.util.List;
import org.apache.hc.client5.http.ConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.auth.AuthSchemeFactory;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.config.Configurable;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.CookieSpecFactory;
import org.apache.hc.client5.http.cookie.CookieStore;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.ExecSupport;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageHeaders;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What all calls of a client go through, and what their contexts start with.
 *
 * @param stages outermost first
 * @param processor innermost of all: Apache's interceptors and the user's
 */
public record Chain(
        List<Stage> stages,
        HttpProcessor processor,
        RequestConfig requestConfig,
        @Nullable Lookup<CookieSpecFactory> cookieSpecs,
        CookieStore cookieStore,
        Lookup<AuthSchemeFactory> authSchemes,
        CredentialsProvider credentials,
        ConnectionReuseStrategy reuse,
        ConnectionKeepAliveStrategy keepAlive) {

    /** The context, or a new one, with what it lacks; the request's own configuration comes first. */
    HttpClientContext context(@Nullable HttpClientContext given, ClassicHttpRequest request) {
        HttpClientContext context = given == null ? new NewContext() : given;
        RequestConfig own = request instanceof Configurable configurable ? configurable.getConfig() : null;
        if (own != null) {
            context.setRequestConfig(own);
        } else if (context.getRequestConfig() == null) {
            context.setRequestConfig(requestConfig);
        }
        if (context.getAuthSchemeRegistry() == null) {
            context.setAuthSchemeRegistry(authSchemes);
        }
        if (context.getCookieSpecRegistry() == null) {
            context.setCookieSpecRegistry(cookieSpecs);
        }
        if (context.getCookieStore() == null) {
            context.setCookieStore(cookieStore);
        }
        if (context.getCredentialsProvider() == null) {
            context.setCredentialsProvider(credentials);
        }
        context.setRedirectLocations(null);
        if (given != null) {
            context.setExchangeId(ExecSupport.getNextExchangeId());
        }
        return context;
    }

    /**
     * For how long to keep the connection, or null if it can't be kept, after a response whose framing says that it
     * could be.
     */
    @Nullable
    TimeValue keepAlive(ClassicHttpRequest request, ClassicHttpResponse response, HttpClientContext context) {
        if (!keepAliveMayBlock() && saysNothing(request, response)) {
            return context.getRequestConfigOrDefault().getConnectionKeepAlive();
        }
        if (!reuse.keepAlive(request, response, context)) {
            return null;
        }
        TimeValue duration = keepAlive.getKeepAliveDuration(response, context);
        return duration == null ? TimeValue.NEG_ONE_MILLISECOND : duration;
    }

    /** What Apache's strategies parse at some cost is not there: the framing has taken account of the rest. */
    private static boolean saysNothing(ClassicHttpRequest request, ClassicHttpResponse response) {
        return saysNothing(request)
                && saysNothing(response)
                && !response.containsHeader(HttpHeaders.KEEP_ALIVE)
                && !response.containsHeader(HttpHeaders.PROXY_CONNECTION)
                && response.getCode() != HttpStatus.SC_NO_CONTENT
                && HttpVersion.HTTP_1_1.equals(response.getVersion());
    }

    /** That the connection is kept goes without saying (RFC 9112, section 9.3). */
    private static boolean saysNothing(MessageHeaders message) {
        Header connection = message.getFirstHeader(HttpHeaders.CONNECTION);
        return connection == null
                || (HeaderElements.KEEP_ALIVE.equalsIgnoreCase(connection.getValue())
                        && message.countHeaders(HttpHeaders.CONNECTION) == 1);
    }

    /** Whether {@link #keepAlive} runs code of the user's, which may block. */
    boolean keepAliveMayBlock() {
        return reuse != DefaultClientConnectionReuseStrategy.INSTANCE
                || keepAlive != DefaultConnectionKeepAliveStrategy.INSTANCE;
    }
}
