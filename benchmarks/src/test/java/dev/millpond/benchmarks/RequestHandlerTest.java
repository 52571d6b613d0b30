package dev.millpond.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestHandlerTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new RequestHandler(new Responses()));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void receive(String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, US_ASCII));
    }

    private String sent() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            text.append(bytes.toString(US_ASCII));
            bytes.release();
        }
        return text.toString();
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void answersInTheOrderOfRequestsHoweverTheyAreCut() {
        receive("GET /small HTTP/1.1\r\nHost: a\r\n\r\nGET /bytes/3 HTTP/1.1\r\nHo");
        assertThat(body(sent())).hasSize(Responses.SMALL_LENGTH);
        receive("st: a\r\n\r");
        assertThat(sent()).isEmpty();
        receive("\n");
        assertThat(sent())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Length: 3\r\n")
                .endsWith("\r\n\r\nabc");
    }

    @Test
    void echoesABodyThatComesInParts() {
        receive("POST /echo HTTP/1.1\r\ncontent-length: 5\r\n\r\nhe");
        assertThat(sent()).isEmpty();
        receive("llo");
        assertThat(body(sent())).isEqualTo("hello");
    }

    @Test
    void answersLater() {
        receive("GET /delay/2000 HTTP/1.1\r\n\r\n");
        assertThat(sent()).isEmpty();
        channel.advanceTimeBy(3, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(sent()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        receive("GET /else HTTP/1.1\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.1 404 ");
    }
}
