package dev.millpond.http.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventParserTest {

    private final List<ServerSentEvent> events = new ArrayList<>();
    private final EventParser parser = new EventParser("", 1000, events::add);

    private static ServerSentEvent event(String id, String type, String data) {
        return new ServerSentEvent(id, type, data, null);
    }

    private List<ServerSentEvent> parse(String stream) throws EventTooLargeException {
        byte[] bytes = stream.getBytes(UTF_8);
        parser.feed(bytes, 0, bytes.length);
        return events;
    }

    @Test
    void theExamplesOfTheStandard() throws Exception {
        assertThat(parse("data: YHOO\ndata: +2\ndata: 10\n\n")).containsExactly(event("", "message", "YHOO\n+2\n10"));
        events.clear();
        assertThat(parse(
                        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"))
                .containsExactly(
                        event("1", "message", "first event"),
                        event("", "message", "second event"),
                        event("", "message", " third event"));
        events.clear();
        assertThat(parse("data\n\ndata\ndata\n\ndata:"))
                .containsExactly(event("", "message", ""), event("", "message", "\n"));
        events.clear();
        assertThat(parse("\n\ndata:test\n\ndata: test\n\n"))
                .containsExactly(event("", "message", ""), event("", "message", "test"), event("", "message", "test"));
    }

    @ParameterizedTest
    @CsvSource({"'\r'", "'\n'", "'\r\n'"})
    void anyLineEnd(String end) throws Exception {
        String stream = String.join(end, "event: a", "data: 1", "data: 2", "id: 7", "", "data: 3", "", "");
        assertThat(parse(stream)).containsExactly(event("7", "a", "1\n2"), event("7", "message", "3"));
        assertThat(parser.lastEventId()).isEqualTo("7");
    }

    @Test
    void anEventWithoutItsEmptyLineNeverWasOne() throws Exception {
        assertThat(parse("id: 1\ndata: a\n\nid: 2\ndata: b\n")).containsExactly(event("1", "message", "a"));
        assertThat(parser.lastEventId()).isEqualTo("1");
    }

    @Test
    void aBlockWithoutDataIsNoEventButItsIdCounts() throws Exception {
        assertThat(parse("event: x\nid: 5\n\ndata: a\n\n")).containsExactly(event("5", "message", "a"));
    }

    @Test
    void idsWithNullAndRetriesThatAreNoNumbersAreIgnored() throws Exception {
        parse("id: 1\nid: a\0b\nretry: 10x\nretry:\nretry: -1\nretry: \u0661\ndata: a\n\n");
        assertThat(events).containsExactly(event("1", "message", "a"));
        assertThat(parser.retry()).isNull();
        parse("retry: 0250\ndata: b\n\ndata: c\n\n");
        assertThat(events.get(1).retry()).isEqualTo(Duration.ofMillis(250));
        assertThat(events.get(2).retry()).isNull();
        assertThat(parser.retry()).isEqualTo(Duration.ofMillis(250));
        parse("retry: 99999999999999999999999\n");
        assertThat(parser.retry()).isGreaterThan(Duration.ofDays(36_500));
    }

    @Test
    void aByteOrderMarkIsNoneBehindTheBeginning() throws Exception {
        assertThat(parse("\uFEFFdata: a\n\n\uFEFFdata: b\n\n")).containsExactly(event("", "message", "a"));
    }

    @Test
    void whatIsNotUtf8IsReplaced() throws Exception {
        byte[] bytes = {'d', 'a', 't', 'a', ':', (byte) 0xC3, '(', '\n', '\n'};
        parser.feed(bytes, 0, bytes.length);
        assertThat(events).containsExactly(event("", "message", "\uFFFD("));
    }

    @Test
    void theIdOfAnEarlierStreamPersists() throws Exception {
        EventParser next = new EventParser("7", 100, events::add);
        next.feed("data: a\n\n".getBytes(UTF_8), 0, 9);
        assertThat(events).containsExactly(event("7", "message", "a"));
    }

    @Test
    void sizesAreLimitedEventByEvent() throws Exception {
        EventParser limited = new EventParser("", 10, events::add);
        byte[] fits = "data:12345\n\n:comment 9\n:comment 9\ndata:12345\n\n".getBytes(UTF_8);
        limited.feed(fits, 0, fits.length);
        assertThat(events).hasSize(2);
        for (String large : List.of("data:123456", ":0123456789", "data:\ndata:1")) {
            EventParser refusing = new EventParser("", 10, events::add);
            byte[] bytes = large.getBytes(UTF_8);
            assertThatThrownBy(() -> refusing.feed(bytes, 0, bytes.length))
                    .isInstanceOf(EventTooLargeException.class)
                    .hasMessage("event too large: maxEventSize is 10 bytes, received more");
        }
        assertThatThrownBy(() -> new EventParser("", 0, events::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxEventSize: expected 1 or more, got 0");
    }

    @Provide
    Arbitrary<String> streams() {
        return Arbitraries.of(
                        "data", "event", "id", "retry", ":", ": ", "\n", "\r", "\r\n", "\n\n", "1", "é€😀", "\uFEFF",
                        "\0", "x")
                .list()
                .ofMaxSize(60)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 2000)
    void howItIsCutUpChangesNothing(
            @ForAll("streams") String stream, @ForAll List<@IntRange(min = 1, max = 7) Integer> lengths)
            throws EventTooLargeException {
        byte[] bytes = stream.getBytes(UTF_8);
        List<ServerSentEvent> whole = new ArrayList<>();
        EventParser atOnce = new EventParser("", 10_000, whole::add);
        atOnce.feed(bytes, 0, bytes.length);
        List<ServerSentEvent> pieces = new ArrayList<>();
        EventParser inPieces = new EventParser("", 10_000, pieces::add);
        for (int at = 0, i = 0; at < bytes.length; i++) {
            int length = Math.min(bytes.length - at, lengths.isEmpty() ? 1 : lengths.get(i % lengths.size()));
            inPieces.feed(bytes, at, length);
            at += length;
        }
        assertThat(pieces).isEqualTo(whole);
        assertThat(inPieces.lastEventId()).isEqualTo(atOnce.lastEventId());
        assertThat(inPieces.retry()).isEqualTo(atOnce.retry());
    }
}
