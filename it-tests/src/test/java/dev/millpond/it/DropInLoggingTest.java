package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Apache's own logs, which users turn on to see what goes over the wire. */
@Timeout(60)
class DropInLoggingTest extends DropInTestBase {

    private final Lines appender = new Lines();
    private final Logger wire = (Logger) LoggerFactory.getLogger("org.apache.hc.client5.http.wire");
    private final Logger headers = (Logger) LoggerFactory.getLogger("org.apache.hc.client5.http.headers");

    @AfterEach
    void turnOff() {
        wire.setLevel(Level.OFF);
        headers.setLevel(Level.OFF);
        wire.detachAppender(appender);
        headers.detachAppender(appender);
    }

    private List<String> logged(Logger logger, String response) throws Exception {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.DEBUG);
        try (RawServer server = RawServer.answering(response)) {
            CloseableHttpClient client = client();
            HttpPost post = new HttpPost(server.url());
            post.setEntity(new StringEntity("question"));
            assertThat(body(execute(client, post))).isEqualTo("hello");
            assertThat(body(execute(client, new HttpGet(server.url())))).isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(1);
        }
        return List.copyOf(appender.lines);
    }

    @Test
    void headersAreLogged() throws Exception {
        assertThat(logged(headers, OK))
                .anyMatch(line -> line.matches("http-outgoing-\\d+ >> POST / HTTP/1.1"))
                .anyMatch(line -> line.endsWith("<< HTTP/1.1 200 OK"))
                .anyMatch(line -> line.endsWith("<< Content-Length: 5"));
    }

    @Test
    void bytesAreLoggedBodiesIncluded() throws Exception {
        assertThat(logged(wire, OK))
                .anyMatch(line -> line.matches("http-outgoing-\\d+ >> \"POST / HTTP/1.1\\[\\\\r]\\[\\\\n]\""))
                .anyMatch(line -> line.endsWith(">> \"question\""))
                .anyMatch(line -> line.contains("<< \"HTTP/1.1 200 OK"))
                .anyMatch(line -> line.contains("<< \"hello\""));
    }

    @Test
    void chunkedBodiesAreLoggedAsOnTheWire() throws Exception {
        assertThat(logged(wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
                .anyMatch(line -> line.contains("<< \"5[\\r][\\n]\""))
                .anyMatch(line -> line.contains("<< \"hello[\\r][\\n]\""));
    }

    /** Formats at once: Apache's wire log uses its buffer again. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    }
}
