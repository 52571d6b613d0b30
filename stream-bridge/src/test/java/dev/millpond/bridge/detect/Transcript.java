package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

/**
 * What is on the wire, and what the detector has to say of it: complete, malformed or truncated at a byte.
 *
 * @param at where the response is complete (its length, interim responses before it left out), malformed or truncated
 */
record Transcript(
        String name,
        String method,
        String wire,
        Verdict verdict,
        long at,
        Framing framing,
        boolean reusable,
        long announced,
        @Nullable Violation violation) {

    private static final String[] TRAILING = {"", "H", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "\r\n", "\0"};

    byte[] bytes() {
        return wire.getBytes(ISO_8859_1);
    }

    /** Runs it whole, byte by byte and cut at every byte, with bytes trailing and without. */
    void run() {
        for (String trailing : untilEnd() ? new String[] {""} : TRAILING) {
            byte[] stream = (wire + trailing).getBytes(ISO_8859_1);
            check(Observed.whole(method, stream, trailing.isEmpty()));
            check(Observed.of(method, stream, trailing.isEmpty(), at -> 1));
            for (int cut = 1; cut < Math.min(stream.length, 2000); cut++) {
                int first = cut;
                check(Observed.of(method, stream, trailing.isEmpty(), at -> at < first ? first - at : stream.length));
            }
        }
    }

    /** Whether only the end of the stream settles it. */
    private boolean untilEnd() {
        return verdict == Verdict.TRUNCATED || framing == Framing.CLOSE_DELIMITED;
    }

    private void check(Observed seen) {
        assertThat(seen.verdict()).isEqualTo(verdict);
        assertThat(seen.violation()).isEqualTo(violation);
        assertThat(seen.at()).isEqualTo(at);
        if (verdict == Verdict.COMPLETE) {
            assertThat(seen.framing()).isEqualTo(framing);
            assertThat(seen.reusable()).isEqualTo(reusable);
        }
        if (verdict != Verdict.MALFORMED) {
            assertThat(seen.announced()).isEqualTo(announced);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
