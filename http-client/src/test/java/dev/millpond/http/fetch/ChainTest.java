package dev.millpond.http.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.auth.AuthSchemeFactory;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;

/** A connection is kept for as long as Apache's strategies say, though they are not asked where nothing says so. */
class ChainTest {

    private static final List<String> FIELDS = List.of(
            "Connection: keep-alive",
            "connection: Keep-Alive",
            "Connection: close",
            "Connection: keep-alive, close",
            "Connection: upgrade",
            "Connection: ",
            "Proxy-Connection: keep-alive",
            "Proxy-Connection: close",
            "Keep-Alive: timeout=7",
            "Date: Sat, 21 Nov 2026 08:00:00 GMT");

    private final Chain chain = new Chain(
            List.of(),
            HttpProcessorBuilder.create().build(),
            RequestConfig.DEFAULT,
            null,
            new BasicCookieStore(),
            RegistryBuilder.<AuthSchemeFactory>create().build(),
            new BasicCredentialsProvider(),
            DefaultClientConnectionReuseStrategy.INSTANCE,
            DefaultConnectionKeepAliveStrategy.INSTANCE);

    @Test
    void isKeptForAsLongAsApacheWouldKeepIt() {
        List<List<String>> heads = heads();
        for (List<String> asked : heads) {
            for (List<String> answered : heads) {
                assertAsApache(HttpVersion.HTTP_1_1, HttpStatus.SC_OK, asked, answered);
                assertAsApache(HttpVersion.HTTP_1_0, HttpStatus.SC_OK, asked, answered);
                assertAsApache(HttpVersion.HTTP_1_1, HttpStatus.SC_NO_CONTENT, asked, answered);
            }
        }
    }

    /** With none of the fields, one, or two. */
    private static List<List<String>> heads() {
        List<List<String>> heads = new ArrayList<>(List.of(List.of()));
        for (String first : FIELDS) {
            heads.add(List.of(first));
            FIELDS.forEach(second -> heads.add(List.of(first, second)));
        }
        return heads;
    }

    private void assertAsApache(ProtocolVersion version, int code, List<String> asked, List<String> answered) {
        ClassicHttpRequest request =
                ClassicRequestBuilder.get("http://a.example/").build();
        asked.forEach(field -> request.addHeader(header(field)));
        ClassicHttpResponse response = new BasicClassicHttpResponse(code);
        response.setVersion(version);
        response.addHeader("Content-Length", "0");
        answered.forEach(field -> response.addHeader(header(field)));
        HttpClientContext context = HttpClientContext.create();
        context.setProtocolVersion(version);

        TimeValue expected = DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)
                ? DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context)
                : null;

        assertThat(chain.keepAlive(request, response, context))
                .as("%s %d, %s, %s", version, code, asked, answered)
                .isEqualTo(expected);
    }

    private static BasicHeader header(String field) {
        int colon = field.indexOf(':');
        return new BasicHeader(field.substring(0, colon), field.substring(colon + 2));
    }
}
