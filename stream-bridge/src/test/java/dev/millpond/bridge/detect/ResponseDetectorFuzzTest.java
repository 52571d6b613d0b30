package dev.millpond.bridge.detect;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes from a server. The invariant, whatever they are:
 *
 * <ul>
 *   <li>the detector throws nothing, and examines nothing beyond what it was given;
 *   <li>cut into any segments, the stream has the same verdict at the same byte;
 *   <li>what is complete at n, HttpCore's parser consumes to exactly n, with the same status.
 * </ul>
 *
 * <p>The first byte chooses the method, the second the segments, the rest is the stream. {@code verify} replays the
 * corpus in {@code ResponseDetectorFuzzTestInputs}; {@code JAZZER_FUZZ=1 ./mvnw -B test -pl stream-bridge -am
 * -Dtest=ResponseDetectorFuzzTest -Dsurefire.failIfNoSpecifiedTests=false} searches for more.
 */
class ResponseDetectorFuzzTest {

    private static final List<String> METHODS = List.of("GET", "HEAD", "CONNECT");

    @FuzzTest(maxDuration = "3m")
    void anyBytes(byte[] input) throws Exception {
        if (input.length < 2) {
            return;
        }
        String method = METHODS.get((input[0] & 0xFF) % METHODS.size());
        int segment = 1 + (input[1] & 0x3F);
        byte[] stream = Arrays.copyOfRange(input, 2, input.length);
        Observed whole = Observed.whole(method, stream, true);
        Observed cut = Observed.of(method, stream, true, at -> segment);
        if (!whole.equals(cut)) {
            throw new AssertionError("whole " + whole + ", in segments of " + segment + " " + cut);
        }
        HttpCoreOracle.check(method, stream);
    }
}
