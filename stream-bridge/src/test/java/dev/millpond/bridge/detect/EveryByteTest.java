package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes are looked at line by line, and eight at a time, where there are as many: with the same result as one by one.
 */
class EveryByteTest {

    private static final String REST = "\r\nContent-Length: 0\r\n\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 A reason of 24 bytes here",
                "HTTP/1.1 200 OK\r\nX-Name: a value of 24 bytes here",
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8",
                "HTTP/1.1 200 OK\r\nTransfer-Coding: chunked, this is",
                "HTTP/1.1 200 OK\r\nContent-Length: 12 \r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked \r\n\r\n1 ; extended\r\na\r\n0\r\nX-Name: value\r\n",
            })
    void inEachPlaceIsSeenInAWholeAsByItself(String begin) {
        byte[] response = (begin + REST).getBytes(ISO_8859_1);
        for (int place = 0; place < begin.length(); place++) {
            byte before = response[place];
            for (int b = 0; b < 256; b++) {
                response[place] = (byte) b;
                assertThat(inPieces(response, response.length))
                        .as("byte %d at %d", b, place)
                        .isEqualTo(inPieces(response, 1));
            }
            response[place] = before;
        }
    }

    private static String inPieces(byte[] response, int length) {
        ResponseDetector detector = new ResponseDetector();
        Verdict verdict = Verdict.NEED_MORE;
        for (int at = 0; at < response.length && verdict == Verdict.NEED_MORE; at += length) {
            verdict = detector.examine(response, at, length);
        }
        return verdict + " after " + detector.received() + " bytes: " + detector.violation() + ", head of "
                + detector.headLength();
    }
}
