package dev.millpond.it;

import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.millpond.http.FetchOptions;
import dev.millpond.http.Millpond;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.BearerToken;
import org.apache.hc.client5.http.auth.Credentials;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The log tells the story of each fetch, and no secrets. */
@Timeout(60)
class FetchLoggingTest {

    private static final String SECRET = "swordfish";
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: id=" + SECRET + "\r\n\r\nhello";

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.millpond");
    private final Lines appender = new Lines();
    private final BasicCredentialsProvider credentials = new BasicCredentialsProvider();

    @BeforeEach
    void turnOn() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.TRACE);
    }

    @AfterEach
    void turnOff() {
        logger.setLevel(null);
        logger.detachAppender(appender);
    }

    @Test
    void eachStepOfAFetchIsToldWithItsId() throws Exception {
        try (RawServer server = RawServer.answering(OK);
                Millpond millpond = Millpond.create()) {
            HttpClientContext context = HttpClientContext.create();
            FetchOptions options = FetchOptions.defaults().context(context);
            String url = server.url("/path");
            millpond.fetch(get(url), options).join();
            String id = context.getExchangeId();
            assertThat(id).matches("ex-\\d{10}");
            assertThat(linesOf(id).toString())
                    .matches("\\[" + id + " GET " + url + ", route .*localhost:" + server.port() + "], " + id
                            + " leased, without a connection, " + id + " connecting, " + id + " connected, " + id
                            + " received 200, " + OK.length() + " bytes, " + id + " connection kept, " + id
                            + " succeeded after \\d+ ms]");
            millpond.fetch(get(url), options).join();
            assertThat(linesOf(context.getExchangeId()))
                    .contains(context.getExchangeId() + " leased, with a connection to reuse")
                    .doesNotContain(context.getExchangeId() + " connecting");
        }
    }

    @Test
    void whatIsSentAgainIsTold() throws Exception {
        credentials.setCredentials(
                new AuthScope(null, -1), new UsernamePasswordCredentials("user", SECRET.toCharArray()));
        try (RawServer server = new RawServer((peer, connection) -> {
                    for (String status : List.of(
                            "302 Found\r\nLocation: /there?x=" + SECRET,
                            "503 Later\r\nRetry-After: 0",
                            "401 Who\r\nWWW-Authenticate: Basic realm=\"here\"",
                            "200 OK")) {
                        peer.readRequest();
                        peer.write("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
                    }
                    peer.awaitClose();
                });
                Millpond millpond =
                        Millpond.builder().credentialsProvider(credentials).build()) {
            HttpClientContext context = HttpClientContext.create();
            millpond.fetch(get(server.url()), FetchOptions.defaults().context(context))
                    .join();
            assertThat(linesOf(context.getExchangeId()))
                    .contains(context.getExchangeId() + " redirected to " + server.url("/there"))
                    .anyMatch(line -> line.contains(" to be sent again after "))
                    .contains(context.getExchangeId() + " challenged, sending again");
            assertNoSecrets();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic realm=\"here\"",
                "Digest realm=\"here\", nonce=\"1\", qop=\"auth\"",
                "Bearer realm=\"here\""
            })
    void credentialsAndCookiesAreNotLogged(String challenge) throws Exception {
        credentials.setCredentials(new AuthScope(null, -1), credentialsFor(challenge));
        try (RawServer server = RawServer.answering("HTTP/1.1 401 Who\r\nWWW-Authenticate: " + challenge
                        + "\r\nSet-Cookie: id=" + SECRET + "\r\nContent-Length: 0\r\n\r\n");
                Millpond millpond =
                        Millpond.builder().credentialsProvider(credentials).build()) {
            ClassicHttpRequest request = get(server.url("/?token=" + SECRET));
            request.addHeader("Cookie", "id=" + SECRET);
            assertThat(millpond.fetch(request).join().getCode()).isEqualTo(401);
            assertThat(appender.lines).isNotEmpty();
            assertNoSecrets();
        }
    }

    @Test
    void credentialsForAProxyAreNotLoggedAlsoInATunnelThatFails() throws Exception {
        credentials.setCredentials(
                new AuthScope(null, -1), new UsernamePasswordCredentials("user", SECRET.toCharArray()));
        try (RawServer proxy = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write(
                            "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\n\r\nno TLS");
                });
                Millpond millpond = Millpond.builder()
                        .credentialsProvider(credentials)
                        .proxy(new HttpHost("http", "localhost", proxy.port()))
                        .disableRetries()
                        .build()) {
            assertNoSecret(failure(millpond.fetch(get("https://localhost:1/?token=" + SECRET))));
            assertThat(appender.lines).anyMatch(line -> line.contains(" not connected: "));
            assertNoSecrets();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:swordfish@localhost:%d/",
                "http://user:swordfish@localhost:%d/?token=swordfish",
                "mailto:user@swordfish",
                "http://user:swordfish@localhost:%d/a b{",
                "http://[swordfish",
                "swordfish^",
            })
    void whereARedirectFailsItsLocationIsNotTold(String location) throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    String found = String.format(location, peer.socket().getLocalPort());
                    while (!peer.readRequest().isEmpty()) {
                        peer.write("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + found + "\r\n\r\n");
                    }
                });
                Millpond millpond = Millpond.create()) {
            assertNoSecret(failure(millpond.fetch(get(server.url()))));
            assertNoSecrets();
        }
    }

    @Test
    void aCircleIsToldWithoutWhatIsSecret() throws Exception {
        try (RawServer server = RawServer.answering(
                        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /here?token=" + SECRET + "\r\n\r\n");
                Millpond millpond = Millpond.create()) {
            Throwable failure = failure(millpond.fetch(get(server.url())));
            assertThat(failure).hasMessage("Circular redirect to '" + server.url("/here") + "'");
            assertNoSecrets();
        }
    }

    private static Credentials credentialsFor(String challenge) {
        return challenge.startsWith("Bearer")
                ? new BearerToken(SECRET)
                : new UsernamePasswordCredentials("user", SECRET.toCharArray());
    }

    private List<String> linesOf(String id) {
        return appender.lines.stream().filter(line -> line.startsWith(id)).toList();
    }

    /** Neither as it is nor as Basic encodes {@code user:swordfish}. */
    private void assertNoSecrets() {
        assertThat(appender.lines)
                .noneMatch(line -> line.contains(SECRET))
                .noneMatch(line -> line.contains("dXNlcjpzd29yZGZpc2g"));
    }

    private static void assertNoSecret(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain(SECRET);
        }
    }

    private static ClassicHttpRequest get(String url) {
        return ClassicRequestBuilder.get(url).build();
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            String thrown =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            lines.add(event.getFormattedMessage() + thrown);
        }
    }
}
