package dev.millpond.http.fetch;

import dev.millpond.http.message.DecodingLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.hc.client5.http.AuthenticationStrategy;
import org.apache.hc.client5.http.ConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.auth.AuthSchemeFactory;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.StandardAuthScheme;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.CookieSpecFactory;
import org.apache.hc.client5.http.cookie.CookieStore;
import org.apache.hc.client5.http.impl.DefaultAuthenticationStrategy;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.auth.BasicSchemeFactory;
import org.apache.hc.client5.http.impl.auth.BearerSchemeFactory;
import org.apache.hc.client5.http.impl.auth.DigestSchemeFactory;
import org.apache.hc.client5.http.impl.auth.ScramSchemeFactory;
import org.apache.hc.client5.http.impl.auth.SystemDefaultCredentialsProvider;
import org.apache.hc.client5.http.protocol.RedirectStrategy;
import org.apache.hc.client5.http.protocol.RequestDefaultHeaders;
import org.apache.hc.client5.http.protocol.RequestExpectContinue;
import org.apache.hc.client5.http.protocol.RequestValidateTrace;
import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.HttpResponseInterceptor;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestUserAgent;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Chain}; the defaults are those of Apache's own client. */
public final class ChainBuilder {

    private final List<HttpRequestInterceptor> firstRequestInterceptors = new ArrayList<>();
    private final List<HttpRequestInterceptor> lastRequestInterceptors = new ArrayList<>();
    private final List<HttpResponseInterceptor> firstResponseInterceptors = new ArrayList<>();
    private final List<HttpResponseInterceptor> lastResponseInterceptors = new ArrayList<>();
    private RequestConfig requestConfig = RequestConfig.DEFAULT;
    private @Nullable String userAgent;
    private @Nullable List<Header> defaultHeaders;
    private @Nullable RedirectStrategy redirects = DefaultRedirectStrategy.INSTANCE;
    private @Nullable HttpRequestRetryStrategy retries = DefaultHttpRequestRetryStrategy.INSTANCE;
    private @Nullable Cookies cookies = new Cookies();
    private @Nullable CookieStore cookieStore;
    private boolean systemProperties;
    private @Nullable Lookup<CookieSpecFactory> cookieSpecs;
    private @Nullable CredentialsProvider credentials;
    private @Nullable Lookup<AuthSchemeFactory> authSchemes;
    private AuthenticationStrategy targetAuthentication = DefaultAuthenticationStrategy.INSTANCE;
    private AuthenticationStrategy proxyAuthentication = DefaultAuthenticationStrategy.INSTANCE;
    private boolean decoding = true;
    private DecodingLimits decodingLimits = DecodingLimits.DEFAULT;
    private @Nullable ConnectionReuseStrategy reuse;
    private ConnectionKeepAliveStrategy keepAlive = DefaultConnectionKeepAliveStrategy.INSTANCE;

    public void requestConfig(RequestConfig config) {
        requestConfig = config;
    }

    public void userAgent(String product) {
        userAgent = product;
    }

    public void defaultHeaders(Collection<? extends Header> headers) {
        defaultHeaders = List.copyOf(headers);
    }

    public void addRequestFirst(HttpRequestInterceptor interceptor) {
        firstRequestInterceptors.add(interceptor);
    }

    public void addRequestLast(HttpRequestInterceptor interceptor) {
        lastRequestInterceptors.add(interceptor);
    }

    public void addResponseFirst(HttpResponseInterceptor interceptor) {
        firstResponseInterceptors.add(interceptor);
    }

    public void addResponseLast(HttpResponseInterceptor interceptor) {
        lastResponseInterceptors.add(interceptor);
    }

    /** Null for none. */
    public void redirects(@Nullable RedirectStrategy strategy) {
        redirects = strategy;
    }

    /** Null for none. */
    public void retries(@Nullable HttpRequestRetryStrategy strategy) {
        retries = strategy;
    }

    public void noCookies() {
        cookies = null;
    }

    public void cookieStore(CookieStore store) {
        cookieStore = store;
    }

    public void cookieSpecs(Lookup<CookieSpecFactory> registry) {
        cookieSpecs = registry;
    }

    public void credentials(CredentialsProvider provider) {
        credentials = provider;
    }

    public void authSchemes(Lookup<AuthSchemeFactory> registry) {
        authSchemes = registry;
    }

    public void targetAuthentication(AuthenticationStrategy strategy) {
        targetAuthentication = strategy;
    }

    public void proxyAuthentication(AuthenticationStrategy strategy) {
        proxyAuthentication = strategy;
    }

    public void noDecoding() {
        decoding = false;
    }

    public void maxDecodedSize(long bytes) {
        decodingLimits = new DecodingLimits(bytes, decodingLimits.maxDecodedRatio());
    }

    public void maxDecodedRatio(int ratio) {
        decodingLimits = new DecodingLimits(decodingLimits.maxDecodedSize(), ratio);
    }

    public void reuse(ConnectionReuseStrategy strategy) {
        reuse = strategy;
    }

    public void keepAlive(ConnectionKeepAliveStrategy strategy) {
        keepAlive = strategy;
    }

    /** To take what was not set from the properties that Apache's client takes it from when it is told to. */
    public void useSystemProperties() {
        systemProperties = true;
    }

    /** What was set, or that. */
    public String userAgentOr(String defaultUserAgent) {
        if (userAgent != null) {
            return userAgent;
        }
        String agent = systemProperties ? System.getProperty("http.agent") : null;
        return agent == null ? defaultUserAgent : agent;
    }

    private ConnectionReuseStrategy reuse() {
        if (reuse != null) {
            return reuse;
        }
        return !systemProperties || System.getProperty("http.keepAlive", "true").equalsIgnoreCase("true")
                ? DefaultClientConnectionReuseStrategy.INSTANCE
                : (request, response, context) -> false;
    }

    private CredentialsProvider credentials() {
        if (credentials != null) {
            return credentials;
        }
        return systemProperties ? new SystemDefaultCredentialsProvider() : new BasicCredentialsProvider();
    }

    /** Whether code that is not Apache's own takes part in authentication, and may block. */
    public boolean authenticatesElsewhere() {
        return systemProperties
                || authSchemes != null
                || proxyAuthentication != DefaultAuthenticationStrategy.INSTANCE
                || (credentials != null && credentials.getClass() != BasicCredentialsProvider.class);
    }

    public AuthenticationStrategy proxyAuthentication() {
        return proxyAuthentication;
    }

    public Chain build(String product) {
        return new Chain(
                stages(),
                processor(product),
                requestConfig,
                cookieSpecs == null && cookies != null ? Cookies.SPECIFICATIONS : cookieSpecs,
                cookieStore == null ? new NewCookieStore() : cookieStore,
                authSchemes == null ? defaultAuthSchemes() : authSchemes,
                credentials(),
                reuse(),
                keepAlive);
    }

    private List<Stage> stages() {
        List<Stage> stages = new ArrayList<>();
        if (redirects != null) {
            stages.add(new RedirectStage(redirects));
        }
        if (retries != null) {
            stages.add(new RetryStage(retries));
        }
        if (decoding) {
            stages.add(new DecodingStage(decodingLimits));
        }
        stages.add(new AuthenticationStage(targetAuthentication, proxyAuthentication));
        return List.copyOf(stages);
    }

    /** The order of fields on the wire is the order of interceptors here, as in Apache's own client. */
    private HttpProcessor processor(String product) {
        HttpProcessorBuilder builder = HttpProcessorBuilder.create();
        firstRequestInterceptors.forEach(builder::addFirst);
        firstResponseInterceptors.forEach(builder::addFirst);
        builder.addAll(
                new TargetHost(),
                new RequestValidateTrace(),
                new RequestDefaultHeaders(defaultHeaders),
                RequestContent.INSTANCE,
                new ConnectionControl(),
                new RequestUserAgent(product),
                new RequestExpectContinue());
        if (cookies != null) {
            builder.addLast((HttpRequestInterceptor) cookies);
            builder.addLast((HttpResponseInterceptor) cookies);
        }
        lastRequestInterceptors.forEach(builder::addLast);
        lastResponseInterceptors.forEach(builder::addLast);
        return builder.build();
    }

    private static Lookup<AuthSchemeFactory> defaultAuthSchemes() {
        return RegistryBuilder.<AuthSchemeFactory>create()
                .register(StandardAuthScheme.BASIC, BasicSchemeFactory.INSTANCE)
                .register(StandardAuthScheme.DIGEST, DigestSchemeFactory.INSTANCE)
                .register(StandardAuthScheme.BEARER, BearerSchemeFactory.INSTANCE)
                .register(StandardAuthScheme.SCRAM_SHA_256, ScramSchemeFactory.INSTANCE)
                .build();
    }
}
