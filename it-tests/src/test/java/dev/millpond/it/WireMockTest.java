package dev.millpond.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.http.Millpond;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class WireMockTest {

    @RegisterExtension
    private static final WireMockExtension SERVER = WireMockExtension.newInstance()
            .options(options().dynamicPort().gzipDisabled(true))
            .build();

    private final Millpond millpond = Millpond.create();

    @AfterEach
    void close() {
        millpond.close();
    }

    @Test
    void aPlainResponse() throws Exception {
        serve(aResponse().withHeader("X", "y").withBody("hello"));
        ClassicHttpResponse response = fetch();
        assertThat(response.getCode()).isEqualTo(200);
        assertThat(response.getFirstHeader("X").getValue()).isEqualTo("y");
        assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hello");
    }

    @Test
    void aPostArrivesAsItWasSent() throws Exception {
        serve(aResponse().withStatus(201));
        ClassicHttpResponse response = millpond.fetch(ClassicRequestBuilder.post(SERVER.url("/things"))
                        .setEntity("{\"a\":1}", org.apache.hc.core5.http.ContentType.APPLICATION_JSON)
                        .build())
                .get(30, TimeUnit.SECONDS);
        assertThat(response.getCode()).isEqualTo(201);
        SERVER.verify(postRequestedFor(urlEqualTo("/things"))
                .withHeader("Content-Type", equalTo("application/json; charset=UTF-8"))
                .withRequestBody(equalTo("{\"a\":1}")));
    }

    @Test
    void aChunkedDribbleArrivesWhole() throws Exception {
        serve(aResponse().withBody("0123456789".repeat(10)).withChunkedDribbleDelay(10, 500));
        assertThat(EntityUtils.toString(fetch().getEntity())).isEqualTo("0123456789".repeat(10));
    }

    @Test
    void aLargeBodyArrivesByteForByte() throws Exception {
        byte[] body = new byte[20 << 20];
        new Random(1).nextBytes(body);
        serve(aResponse().withBody(body));
        assertThat(EntityUtils.toByteArray(fetch().getEntity())).isEqualTo(body);
    }

    @Test
    void gzipIsDecoded() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        serve(aResponse().withHeader("Content-Encoding", "gzip").withBody(zipped.toByteArray()));
        ClassicHttpResponse response = fetch();
        assertThat(response.getEntity().getContentEncoding()).isNull();
        assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hello");
    }

    @Test
    void anEmptyResponseIsNoResponse() {
        serve(aResponse().withFault(Fault.EMPTY_RESPONSE));
        assertThat(failure(millpond.fetch(get()))).isInstanceOf(NoHttpResponseException.class);
    }

    @Test
    void aResetBeforeTheResponseIsNoResponse() {
        serve(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
        assertThat(failure(millpond.fetch(get()))).isInstanceOf(NoHttpResponseException.class);
    }

    @Test
    void aMalformedChunkIsRefused() {
        serve(aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK));
        assertThat(failure(millpond.fetch(get())))
                .satisfiesAnyOf(
                        e -> assertThat(e)
                                .isInstanceOf(ProtocolException.class)
                                .hasCauseInstanceOf(MalformedResponseException.class),
                        e -> assertThat(e).isInstanceOf(IncompleteResponseException.class));
    }

    @Test
    void randomBytesAndACloseAreRefused() {
        serve(aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE));
        assertThat(failure(millpond.fetch(get())))
                .isInstanceOf(ProtocolException.class)
                .hasCauseInstanceOf(MalformedResponseException.class);
    }

    @Test
    void afterAFaultTheNextFetchWorks() throws Exception {
        for (Fault fault : Fault.values()) {
            serve(aResponse().withFault(fault));
            failure(millpond.fetch(get()));
            serve(aResponse().withBody("hello"));
            assertThat(EntityUtils.toString(fetch().getEntity())).isEqualTo("hello");
            assertThat(millpond.stats().connectionsLeased()).isZero();
        }
    }

    @Test
    void aDelayWithinTheSocketTimeoutIsWaitedForAndOneBeyondIsNot() throws Exception {
        serve(aResponse().withFixedDelay(300).withBody("hello"));
        assertThat(EntityUtils.toString(fetch().getEntity())).isEqualTo("hello");
        serve(aResponse().withFixedDelay(60_000).withBody("hello"));
        try (Millpond hasty =
                Millpond.builder().socketTimeout(Duration.ofMillis(500)).build()) {
            assertThat(failure(hasty.fetch(get()))).isExactlyInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void manyAtOnceWithRandomDelaysAllArrive() throws Exception {
        serve(aResponse().withUniformRandomDelay(0, 100).withBody("hello"));
        List<CompletableFuture<ClassicHttpResponse>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(millpond.fetch(get()));
        }
        for (CompletableFuture<ClassicHttpResponse> one : all) {
            assertThat(EntityUtils.toString(one.get(30, TimeUnit.SECONDS).getEntity()))
                    .isEqualTo("hello");
        }
    }

    private static void serve(ResponseDefinitionBuilder response) {
        SERVER.stubFor(any(anyUrl()).willReturn(response));
    }

    private ClassicHttpResponse fetch() throws Exception {
        return millpond.fetch(get()).get(30, TimeUnit.SECONDS);
    }

    private static ClassicHttpRequest get() {
        return ClassicRequestBuilder.get(SERVER.url("/")).build();
    }
}
