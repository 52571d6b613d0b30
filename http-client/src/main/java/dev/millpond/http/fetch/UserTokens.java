package dev.millpond.http.fetch;

import javax.net.ssl.SSLSession;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.UserTokenHandler;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** Whose a connection is that has somebody's identity: by a client certificate, or a login that stays with it. */
final class UserTokens {

    private UserTokens() {}

    /** After an exchange; kept in its context, which may have one before. Null for nobody's. */
    static @Nullable Object of(
            UserTokenHandler handler, HttpRoute route, HttpRequest request, HttpClientContext context) {
        Object token = context.getUserToken();
        if (token == null && hasIdentity(context)) {
            token = handler.getUserToken(route, request, context);
            context.setUserToken(token);
        }
        return token;
    }

    /** Asking the handler costs several objects, for most exchanges to learn nothing. */
    private static boolean hasIdentity(HttpClientContext context) {
        SSLSession session = context.getSSLSession();
        return (session != null && session.getLocalPrincipal() != null) || NewContext.authenticates(context);
    }
}
