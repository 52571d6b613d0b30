package dev.millpond.it.consumer;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.common.Json;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hc.client5.http.impl.cache.CachingHttpClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.Test;

class CachingTest extends ConsumerContract {

    private CloseableHttpClient http;

    @Override
    void open(Clients clients) {
        http = clients.client(CachingHttpClients.custom());
    }

    @Override
    String get(String url) throws IOException {
        return text(ClassicRequestBuilder.get(url));
    }

    @Override
    void download(String url, OutputStream target) throws IOException {
        http.execute(ClassicRequestBuilder.get(url).build(), response -> {
            response.getEntity().writeTo(target);
            return null;
        });
    }

    @Override
    Thing post(String url, Thing thing) throws IOException {
        return Json.read(
                text(ClassicRequestBuilder.post(url).setEntity(Json.write(thing), ContentType.APPLICATION_JSON)),
                Thing.class);
    }

    @Override
    ClassicHttpResponse getAndForget(String url) throws IOException {
        return http.executeOpen(null, ClassicRequestBuilder.get(url).build(), null);
    }

    @Test
    void aFreshResponseIsServedFromTheCache() throws IOException {
        serve("/fresh", aResponse().withHeader("Cache-Control", "max-age=60").withBody("kept"));
        assertThat(get(SERVER.url("/fresh"))).isEqualTo("kept");
        assertThat(get(SERVER.url("/fresh"))).isEqualTo("kept");
        SERVER.verify(1, getRequestedFor(urlEqualTo("/fresh")));
    }

    @Test
    void aStaleResponseIsValidatedAndServedFromTheCache() throws IOException {
        serve(
                "/stale",
                aResponse()
                        .withHeader("Cache-Control", "max-age=0")
                        .withHeader("ETag", "\"1\"")
                        .withBody("kept"));
        SERVER.stubFor(WireMock.get("/stale")
                .withHeader("If-None-Match", equalTo("\"1\""))
                .willReturn(aResponse().withStatus(304).withHeader("ETag", "\"1\"")));
        assertThat(get(SERVER.url("/stale"))).isEqualTo("kept");
        assertThat(get(SERVER.url("/stale"))).isEqualTo("kept");
        SERVER.verify(2, getRequestedFor(urlEqualTo("/stale")));
    }

    private String text(ClassicRequestBuilder request) throws IOException {
        return http.execute(request.build(), response -> EntityUtils.toString(response.getEntity()));
    }
}
