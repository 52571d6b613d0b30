package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicAuthCache;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.Test;

/** Fetches that are challenged: {@code AuthenticationStage}. */
class FetchAuthenticationTest extends FetchTestBase {

    @Test
    void anAuthCacheAuthenticatesPreemptively() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = recording(requests, OK)) {
            HttpHost host = new HttpHost("http", "localhost", server.port());
            BasicScheme scheme = new BasicScheme();
            scheme.initPreemptive(new UsernamePasswordCredentials("user", "secret".toCharArray()));
            HttpClientContext context = HttpClientContext.create();
            BasicAuthCache cache = new BasicAuthCache();
            cache.put(host, scheme);
            context.setAuthCache(cache);
            assertThat(body(millpond.fetch(get(server), FetchOptions.defaults().context(context))))
                    .isEqualTo("hello");
            assertThat(requests.take()).contains("Authorization: Basic dXNlcjpzZWNyZXQ=");
        }
    }

    @Test
    void a407ThatComesFromNoProxyGetsNoCredentials() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope(null, -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
        try (RawServer server = recording(
                        requests,
                        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
                Millpond trusting =
                        Millpond.builder().credentialsProvider(credentials).build()) {
            assertThat(trusting.fetch(get(server)).join().getCode()).isEqualTo(407);
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void aChallengeIsAnsweredOnce() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        BasicCredentialsProvider credentials = new BasicCredentialsProvider();
        credentials.setCredentials(
                new AuthScope("localhost", -1), new UsernamePasswordCredentials("user", "wrong".toCharArray()));
        try (RawServer server = recording(
                        requests,
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno");
                Millpond trusting =
                        Millpond.builder().credentialsProvider(credentials).build()) {
            ClassicHttpResponse response = trusting.fetch(get(server)).join();
            assertThat(response.getCode()).isEqualTo(401);
            assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            assertThat(requests).hasSize(2);
            assertThat(requests.take()).doesNotContain("Authorization");
            assertThat(requests.take()).contains("\r\nAuthorization: Basic dXNlcjp3cm9uZw==\r\n");
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
