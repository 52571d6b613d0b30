package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The strict gate, over many responses: whatever the detector calls complete at n, HttpCore consumes to exactly n. With
 * {@code -Dmillpond.seed=...} other responses, with {@code -Dmillpond.responses=...} more.
 */
class DifferentialTest {

    private static final long SEED = Long.getLong("millpond.seed", 20_260_801L);
    private static final int RESPONSES = Integer.getInteger("millpond.responses", 200_000);

    @Test
    void whatIsCompleteAtNIsConsumedByHttpCoreToExactlyN() {
        Responses responses = new Responses(new Random(SEED));
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        for (int i = 0; i < RESPONSES; i++) {
            int number = i;
            String method = responses.method();
            byte[] valid = responses.valid(method);
            byte[] stream = i % 3 == 0 ? valid : responses.mutated(valid);
            Verdict verdict = Observed.whole(method, stream, true).verdict();
            verdicts.merge(verdict, 1, Integer::sum);
            if (i % 3 == 0) {
                assertThat(verdict).as(() -> describe(number, method, stream)).isEqualTo(Verdict.COMPLETE);
            }
            check(i, method, stream);
        }
        // Were nearly all of them refused, nothing would have been compared.
        assertThat(verdicts.get(Verdict.COMPLETE)).isGreaterThan(RESPONSES / 2);
        assertThat(verdicts.get(Verdict.MALFORMED)).isGreaterThan(RESPONSES / 20);
        assertThat(verdicts.get(Verdict.TRUNCATED)).isGreaterThan(RESPONSES / 50);
    }

    private static void check(int number, String method, byte[] stream) {
        try {
            HttpCoreOracle.check(method, stream);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(describe(number, method, stream), e);
        }
    }

    private static String describe(int number, String method, byte[] stream) {
        return "response " + number + " with seed " + SEED + " to " + method + ":\n"
                + new String(stream, ISO_8859_1).replace("\r", "\\r").replace("\n", "\\n\n");
    }
}
