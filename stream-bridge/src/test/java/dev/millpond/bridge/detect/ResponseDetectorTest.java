package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResponseDetectorTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

    private final ResponseDetector detector = new ResponseDetector();

    @Test
    void itSaysHowManyOfTheBytesBelongToTheMessage() {
        assertThat(examine(OK + "hel")).isEqualTo(Verdict.NEED_MORE);
        assertThat(detector.consumed()).isEqualTo(41);
        assertThat(examine("loHTTP")).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.consumed()).isEqualTo(2);
        assertThat(detector.received()).isEqualTo(43);
    }

    @Test
    void theHeadsAnswersAreThereAsSoonAsTheHeadIs() {
        examine("HTTP/1.0 206 Partial\r\nContent-Length: 5\r\n\r");
        assertThat(detector.headComplete()).isFalse();
        assertThat(detector.announced()).isEqualTo(-1);
        assertThat(detector.headLength()).isZero();
        examine("\n");
        assertThat(detector.headComplete()).isTrue();
        assertThat(detector.headLength()).isEqualTo(43);
        assertThat(detector.statusCode()).isEqualTo(206);
        assertThat(detector.framing()).isEqualTo(Framing.CONTENT_LENGTH);
        assertThat(detector.announced()).isEqualTo(48);
        assertThat(detector.interim()).isFalse();
        assertThat(detector.reusable()).isTrue();
    }

    @Test
    void expectStartsOverFromAnyState() {
        for (String before :
                new String[] {"", "HTTP/1", OK + "hel", OK + "hello", "oops", "HTTP/1.1 100 Go on\r\n\r\n"}) {
            examine(before);
            detector.expect("GET");
            assertThat(detector.received()).isZero();
            assertThat(detector.consumed()).isZero();
            assertThat(detector.headComplete()).isFalse();
            assertThat(examine(OK + "hello")).isEqualTo(Verdict.COMPLETE);
            detector.expect("GET");
        }
    }

    @Test
    void theMethodCountsForOneResponse() {
        detector.expect("HEAD");
        assertThat(examine(OK)).isEqualTo(Verdict.COMPLETE);
        detector.expect("GET");
        assertThat(examine(OK)).isEqualTo(Verdict.NEED_MORE);
    }

    @Test
    void interimResponsesAreReleasedOneAtATime() {
        String stream = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + OK + "hello";
        assertThat(examine(stream)).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.interim()).isTrue();
        assertThat(detector.statusCode()).isEqualTo(100);
        assertThat(detector.consumed()).isEqualTo(25);
        assertThat(examine(stream.substring(25))).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.statusCode()).isEqualTo(103);
        assertThat(detector.consumed()).isEqualTo(28);
        assertThat(detector.received()).isEqualTo(28);
        assertThat(examine(stream.substring(53))).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.interim()).isFalse();
        assertThat(detector.statusCode()).isEqualTo(200);
    }

    @Test
    void theCountOfInterimResponsesStartsOverWithEachExchange() {
        for (int exchange = 0; exchange < 3; exchange++) {
            detector.expect("GET");
            for (int i = 0; i < DetectorLimits.MAX_INTERIM_RESPONSES; i++) {
                assertThat(examine("HTTP/1.1 100 Continue\r\n\r\n")).isEqualTo(Verdict.COMPLETE);
            }
        }
    }

    @Test
    void aMalformedResponseConsumesUpToTheByteThatBreaksTheRule() {
        assertThat(examine("HTTP/1.1 200 OK\r\nX y: z\r\n")).isEqualTo(Verdict.MALFORMED);
        assertThat(detector.violation()).isEqualTo(Violation.FIELD_NAME);
        assertThat(detector.consumed()).isEqualTo(18);
        assertThat(detector.received()).isEqualTo(18);
    }

    @Test
    void theEndAfterACompleteResponseIsNoTruncation() {
        examine(OK + "hello");
        assertThat(detector.endOfStream()).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.consumed()).isZero();
    }

    @Test
    void examiningNothingChangesNothing() {
        assertThat(detector.examine(new byte[0], 0, 0)).isEqualTo(Verdict.NEED_MORE);
        examine(OK);
        assertThat(detector.examine(new byte[3], 3, 0)).isEqualTo(Verdict.NEED_MORE);
        assertThat(detector.consumed()).isZero();
        assertThat(examine("hello")).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void aBadRangeIsRefused() {
        assertThatThrownBy(() -> detector.examine(new byte[3], 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> detector.examine(new byte[3], -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aBodyOfManyGigabytesIsCounted() {
        examine("HTTP/1.1 200 OK\r\nContent-Length: 8589934592\r\n\r\n");
        byte[] part = new byte[1 << 20];
        for (int i = 1; i < 8192; i++) {
            assertThat(detector.examine(part, 0, part.length)).isEqualTo(Verdict.NEED_MORE);
        }
        assertThat(detector.examine(part, 0, part.length)).isEqualTo(Verdict.COMPLETE);
        assertThat(detector.received()).isEqualTo(8_589_934_592L + 47);
    }

    @ParameterizedTest
    @EnumSource
    void aRuleIsShortAndSaysWhatIsExpected(Violation violation) {
        assertThat(violation.rule()).contains("expected").hasSizeLessThan(100);
    }

    private Verdict examine(String bytes) {
        byte[] array = bytes.getBytes(ISO_8859_1);
        return detector.examine(array, 0, array.length);
    }
}
