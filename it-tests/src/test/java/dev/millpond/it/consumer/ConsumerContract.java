package dev.millpond.it.consumer;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.and;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.unauthorized;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every consumer of HttpClient does, against one server, over a pool of a single connection. */
@Timeout(60)
abstract class ConsumerContract {

    private static final String HELLO = "hello ".repeat(200);
    private static final byte[] LARGE = new byte[8 << 20];

    static {
        new Random(1).nextBytes(LARGE);
    }

    /** The server compresses what clients take compressed. */
    @RegisterExtension
    static final WireMockExtension SERVER = WireMockExtension.newInstance()
            .options(options().dynamicPort().gzipDisabled(false))
            .build();

    private final Clients clients = new Clients();

    /** Builds the consumer over {@code clients}. */
    abstract void open(Clients clients) throws Exception;

    /** The body of a successful response, as text. */
    abstract String get(String url) throws Exception;

    /** Copies the body of a successful response from its stream. */
    abstract void download(String url, OutputStream target) throws Exception;

    /** Posts as JSON, and reads the answer from JSON. */
    abstract Thing post(String url, Thing thing) throws Exception;

    /** A response whose body nobody has read and that nobody has closed, unless the consumer always closes it. */
    abstract Object getAndForget(String url) throws Exception;

    @BeforeEach
    void open() throws Exception {
        open(clients);
    }

    @AfterEach
    void theConnectionIsBackInThePool() {
        try (clients) {
            assertThat(clients.connections().getTotalStats().getLeased()).isZero();
        }
    }

    @Test
    void aGet() throws Exception {
        serve("/hello?a=b", aResponse().withBody(HELLO));
        assertThat(get(SERVER.url("/hello?a=b"))).isEqualTo(HELLO);
    }

    @Test
    void jsonGoesAndComesAsItWasSent() throws Exception {
        SERVER.stubFor(WireMock.post("/things").willReturn(okJson("{\"name\": \"Weiher 池\", \"count\": 4}")));
        assertThat(post(SERVER.url("/things"), new Thing("Mühle 水車", 3))).isEqualTo(new Thing("Weiher 池", 4));
        SERVER.verify(
                1,
                postRequestedFor(urlEqualTo("/things"))
                        .withHeader("Content-Type", matching("application/json(; ?charset=UTF-8)?"))
                        .withRequestBody(equalToJson("{\"name\": \"Mühle 水車\", \"count\": 3}")));
    }

    @Test
    void aLargeDownloadArrivesByteForByte() throws Exception {
        serve("/large", aResponse().withBody(LARGE));
        MessageDigest arrived = MessageDigest.getInstance("SHA-256");
        download(SERVER.url("/large"), new DigestOutputStream(OutputStream.nullOutputStream(), arrived));
        assertThat(arrived.digest())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(LARGE));
    }

    @Test
    void aRedirectIsFollowed() throws Exception {
        serve("/old", temporaryRedirect("/new"));
        serve("/new", aResponse().withBody(HELLO));
        assertThat(get(SERVER.url("/old"))).isEqualTo(HELLO);
        SERVER.verify(1, getRequestedFor(urlEqualTo("/old")));
        SERVER.verify(1, getRequestedFor(urlEqualTo("/new")));
    }

    @Test
    void gzipIsDecoded() throws Exception {
        serve("/zipped", aResponse().withHeader("Content-Encoding", "gzip").withBody(zipped(HELLO)));
        assertThat(get(SERVER.url("/zipped"))).isEqualTo(HELLO);
        SERVER.verify(1, getRequestedFor(urlEqualTo("/zipped")).withHeader("Accept-Encoding", containing("gzip")));
    }

    @Test
    void aBasicChallengeIsAnswered() throws Exception {
        serve(
                "/basic",
                unauthorized()
                        .withHeader("WWW-Authenticate", "Basic realm=\"r\"")
                        .withBody(HELLO));
        SERVER.stubFor(WireMock.get("/basic")
                .withBasicAuth(Clients.USER, Clients.PASSWORD)
                .willReturn(ok("welcome")));
        assertThat(get(SERVER.url("/basic"))).isEqualTo("welcome");
        verifyOneRequestWithoutAndOneWithAuthorization("/basic");
    }

    @Test
    void aDigestChallengeIsAnswered() throws Exception {
        serve(
                "/digest",
                unauthorized()
                        .withHeader("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")
                        .withBody(HELLO));
        SERVER.stubFor(WireMock.get("/digest")
                .withHeader(
                        "Authorization",
                        and(
                                matching("Digest .*"),
                                containing("username=\"user\""),
                                containing("nonce=\"n\""),
                                containing("uri=\"/digest\""),
                                matching(".*response=\"[0-9a-f]{32}\".*")))
                .willReturn(ok("welcome")));
        assertThat(get(SERVER.url("/digest"))).isEqualTo("welcome");
        verifyOneRequestWithoutAndOneWithAuthorization("/digest");
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultFailsTheCallAndNotTheNextOne(Fault fault) throws Exception {
        String url = SERVER.url("/faulty");
        serve("/faulty", aResponse().withFault(fault));
        assertFailedOnTheWire(() -> get(url));
        serve("/faulty", aResponse().withBody(HELLO));
        assertThat(get(url)).isEqualTo(HELLO);
    }

    @Test
    void aTruncatedBodyFailsEvenACallThatReadsNothing() {
        serve("/truncated", aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK));
        assertFailedOnTheWire(() -> getAndForget(SERVER.url("/truncated")));
    }

    @Test
    void responsesThatNobodyClosesKeepNoConnection() throws Exception {
        serve("/hello", aResponse().withHeader("Cache-Control", "no-store").withBody(HELLO));
        List<Object> open = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            open.add(getAndForget(SERVER.url("/hello")));
        }
        assertThat(open).doesNotContainNull();
        assertThat(get(SERVER.url("/hello"))).isEqualTo(HELLO);
        SERVER.verify(101, getRequestedFor(urlEqualTo("/hello")));
    }

    static void serve(String path, ResponseDefinitionBuilder response) {
        SERVER.stubFor(WireMock.get(path).willReturn(response));
    }

    private static void verifyOneRequestWithoutAndOneWithAuthorization(String path) {
        SERVER.verify(2, getRequestedFor(urlEqualTo(path)));
        SERVER.verify(1, getRequestedFor(urlEqualTo(path)).withoutHeader("Authorization"));
    }

    /** Failed because of the bytes that came: an I/O error, and neither a timeout nor an assertion. */
    private static void assertFailedOnTheWire(ThrowingCallable call) {
        List<Throwable> causes = Stream.iterate(catchThrowable(call), Objects::nonNull, Throwable::getCause)
                .toList();
        assertThat(causes)
                .hasAtLeastOneElementOfType(IOException.class)
                .noneMatch(InterruptedIOException.class::isInstance);
    }

    private static byte[] zipped(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }
}
