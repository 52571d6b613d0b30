package dev.millpond.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.detect.ResponseDetector;
import dev.millpond.bridge.detect.Verdict;
import java.io.ByteArrayInputStream;
import java.util.Random;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What it makes of a head is what HttpCore's parser makes of it. */
class HeadParserTest {

    private static final String[] LINES = {
        "Server: nginx",
        "Content-Type: text/html; charset=UTF-8",
        "content-length: 0",
        "Set-Cookie: a=b; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "X-Empty:",
        "X-Blank:   \t ",
        "X-Blanks: \t a  b \t",
        "X-Folded: a\r\n  b\r\n\tc ",
        "X-Folded-To-Nothing: \r\n \t",
        "X-Folded-From-Nothing:\r\n a",
        "X-Colons: a:b::c",
        "X-Latin: \u00e4\u00ff\u00a0\u0085",
        "X-Quoted: \"a\\\"b\"",
        "Date: Sat, 21 Nov 2026 08:00:00 GMT",
        "X: \u0001\u000b\u000c\u001f"
    };

    private static void assertSame(String head) throws Exception {
        byte[] bytes = head.getBytes(ISO_8859_1);
        ClassicHttpResponse expected = new DefaultHttpResponseParserFactory(ResponseParser.CONFIG)
                .create()
                .parse(new SessionInputBufferImpl(1024), new ByteArrayInputStream(bytes));
        ClassicHttpResponse actual = HeadParser.parse(bytes, bytes.length);
        assertThat(actual.getCode()).isEqualTo(expected.getCode());
        assertThat(actual.getVersion()).isEqualTo(expected.getVersion());
        assertThat(actual.getReasonPhrase()).isEqualTo(expected.getReasonPhrase());
        Header[] fields = expected.getHeaders();
        assertThat(actual.getHeaders()).hasSameSizeAs(fields);
        for (int i = 0; i < fields.length; i++) {
            assertThat(actual.getHeaders()[i].getName()).isEqualTo(fields[i].getName());
            assertThat(actual.getHeaders()[i].getValue())
                    .as(fields[i].getName())
                    .isEqualTo(fields[i].getValue());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.0 404 Not Found\n\n",
                "HTTP/1.1 200\r\n\r\n",
                "HTTP/1.1 200 \r\n\r\n",
                "HTTP/1.1 599   Some  thing \t\r\n\r\n",
                "HTTP/1.9 200 OK\r\n\r\n",
                "\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 200 \u00e4\u00f6\r\n\r\n"
            })
    void statusLines(String head) throws Exception {
        assertSame(head);
    }

    @Test
    void eachFieldAloneAndAllTogether() throws Exception {
        for (String line : LINES) {
            assertSame("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n");
        }
        assertSame("HTTP/1.1 200 OK\r\n" + String.join("\r\n", LINES) + "\r\n\r\n");
        assertSame("HTTP/1.1 200 OK\n" + String.join("\n", LINES) + "\n\n");
    }

    /** Bytes changed at random: whatever the detector lets through is parsed alike. */
    @Test
    void whatTheDetectorAcceptsIsParsedAlike() throws Exception {
        Random random = new Random(7);
        String head = "HTTP/1.1 200 OK\r\n" + String.join("\r\n", LINES) + "\r\n\r\n";
        int accepted = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder mutated = new StringBuilder(head);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int at = random.nextInt(mutated.length());
                switch (random.nextInt(3)) {
                    case 0 -> mutated.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> mutated.deleteCharAt(at);
                    default -> mutated.insert(at, "\r\n \t:x\0".charAt(random.nextInt(7)));
                }
            }
            byte[] bytes = mutated.toString().getBytes(ISO_8859_1);
            ResponseDetector detector = new ResponseDetector();
            detector.expect("HEAD");
            if (detector.examine(bytes, 0, bytes.length) == Verdict.COMPLETE) {
                accepted++;
                assertSame(mutated.substring(0, detector.headLength()));
            }
        }
        assertThat(accepted).isGreaterThan(5_000);
    }

    private static ClassicHttpResponse parse(String head) throws Exception {
        byte[] bytes = head.getBytes(ISO_8859_1);
        return HeadParser.parse(bytes, bytes.length);
    }

    @Test
    void okIsNotMadeAnew() throws Exception {
        String ok = parse("HTTP/1.1 200 OK\r\n\r\n").getReasonPhrase();
        assertThat(parse("HTTP/1.1 200 OK\r\n\r\n").getReasonPhrase()).isSameAs(ok);
        assertThat(parse("HTTP/1.1 200 OKAY\r\n\r\n").getReasonPhrase()).isEqualTo("OKAY");
        assertThat(parse("HTTP/1.1 200 ON\r\n\r\n").getReasonPhrase()).isEqualTo("ON");
    }

    @Test
    void namesAreNotMadeAnewForOtherValues() throws Exception {
        assertThat(only("X-Named: one").getName()).isSameAs(only("X-Named: two").getName());
        assertThat(only("X-Longer-Than-Names-That-Are-Kept-" + "x".repeat(64) + ": one")
                        .getName())
                .endsWith("xx");
        assertThat(only(": none").getName()).isEmpty();
    }

    /** As is the id of a request: nobody asks for it again. */
    @Test
    void fieldsWithAnotherValueEachTimeAreNotKept() throws Exception {
        for (int i = 0; i < 100; i++) {
            assertThat(only("X-Id: " + i).getValue()).isEqualTo(String.valueOf(i));
        }
        assertThat(only("X-Id: last")).isNotSameAs(only("X-Id: last"));
    }

    @Test
    void fieldsWhoseValuesComeAgainLaterAreKeptThen() throws Exception {
        for (int i = 0; i < 100; i++) {
            only("X-Id-Then: " + i);
        }
        for (int i = 0; i < 100; i++) {
            only("X-Id-Then: same");
        }
        assertThat(only("X-Id-Then: same")).isSameAs(only("X-Id-Then: same"));
    }

    /** As is a date, which many responses have before the next. */
    @Test
    void fieldsWhoseValuesComeAgainAreKeptHoweverOftenTheyChange() throws Exception {
        for (int i = 0; i < 100; i++) {
            assertThat(only("X-Second: " + i)).isSameAs(only("X-Second: " + i));
        }
    }

    private static Header only(String line) throws Exception {
        return parse("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n").getHeaders()[0];
    }

    @Test
    void recentFieldsAreNotMadeAnew() throws Exception {
        assertThat(only("X-Recent: some value")).isSameAs(only("X-Recent: some value"));
        Header known = only("X-Recent: some value");
        only("X-Other: 1");
        assertThat(only("X-Recent: some value")).isSameAs(known);
    }

    /** Each order is expected after the one before. */
    @Test
    void whateverComesWhereOtherFieldsHaveComeBeforeIsFound() throws Exception {
        String[] lines = {
            "A: 1", "B: 2", "Set-Cookie: s=1", "C: 3", "D: 4\r\n folded", "D: 4", "A: 1", "E: " + "x".repeat(200)
        };
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
            for (int count = random.nextInt(6); count > 0; count--) {
                head.append(lines[random.nextInt(lines.length)]).append(random.nextInt(9) == 0 ? "\n" : "\r\n");
            }
            assertSame(head.append("\r\n").toString());
        }
    }

    @Test
    void aLineThatGoesOnIsNotTheOneThatDidNot() throws Exception {
        assertThat(only("X-Line: begins").getValue()).isEqualTo("begins");
        assertThat(only("X-Line: begins\r\n and goes on").getValue()).isEqualTo("begins and goes on");
        assertThat(only("X-Line: begins\r\n\tand goes on").getValue()).isEqualTo("begins and goes on");
        assertThat(only("X-Line: begins").getValue()).isEqualTo("begins");
    }

    /** As they differ where a slot is not chosen by, each of these takes the place of the one before. */
    @Test
    void fieldsThatAreNearlyTheSameAreNotTheSame() throws Exception {
        for (String value : new String[] {"abcd", "abxd", "abcd", "abcd "}) {
            assertThat(only("X-Recent: some " + value + " value").getValue()).isEqualTo("some " + value + " value");
        }
        assertThat(only("x-recent: some value").getName()).isEqualTo("x-recent");
        assertThat(only("X-Recent:some value").getValue()).isEqualTo("some value");
    }

    @Test
    void neitherCookiesNorLongFieldsAreKept() throws Exception {
        // In letters that no other test has it in: after many cookies, those of that name are not kept anyway.
        String cookie = "SET-Cookie: id=secret";
        String longField = "X-Long: " + "x".repeat(100);
        assertThat(only(cookie)).isNotSameAs(only(cookie));
        assertThat(only(longField)).isNotSameAs(only(longField));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "HTTP/1.1 200 OK",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 2x0 OK\r\n\r\n",
                "X/11 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"
            })
    void whatTheDetectorWouldHaveRefusedIsRefused(String head) {
        assertThatThrownBy(() -> parse(head)).isInstanceOf(ProtocolException.class);
    }
}
