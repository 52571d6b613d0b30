package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * However a stream is cut, the verdict is the same, at the same byte. The same streams in every build;
 * {@link ResponseDetectorFuzzTest} searches for others.
 */
class SegmentationProperties {

    private static final String SEED = "20260801";

    private static final byte[] TRAILING = "HTTP/1.1 200 OK\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    record Exchange(String method, String wire) {
        byte[] stream() {
            return wire.getBytes(ISO_8859_1);
        }
    }

    @Property(tries = 5000, seed = SEED)
    void aValidResponseIsCompleteAtItsEndInAnySegmentation(
            @ForAll("valid") Exchange exchange,
            @ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 40) Integer> lengths) {
        Observed whole = Observed.whole(exchange.method(), exchange.stream(), true);
        assertThat(whole.verdict()).isEqualTo(Verdict.COMPLETE);
        long all = whole.at()
                + whole.interims().stream().mapToLong(Long::longValue).sum();
        assertThat(all).isEqualTo(exchange.stream().length);
        assertThat(Observed.of(exchange.method(), exchange.stream(), true, cutting(lengths)))
                .isEqualTo(whole);
    }

    @Property(tries = 5000, seed = SEED)
    void anyStreamHasOneVerdictInAnySegmentation(
            @ForAll("mutated") Exchange exchange,
            @ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 40) Integer> lengths) {
        Observed whole = Observed.whole(exchange.method(), exchange.stream(), true);
        assertThat(Observed.of(exchange.method(), exchange.stream(), true, cutting(lengths)))
                .isEqualTo(whole);
    }

    @Property(tries = 5000, seed = SEED)
    void aBufferIsExaminedAsAnArrayIs(
            @ForAll("mutated") Exchange exchange,
            @ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 400) Integer> lengths) {
        assertThat(Observed.ofBuffers(exchange.method(), exchange.stream(), true, cutting(lengths)))
                .isEqualTo(Observed.whole(exchange.method(), exchange.stream(), true));
    }

    @Property(tries = 2000, seed = SEED)
    void whatFollowsACompleteResponseChangesNothing(@ForAll("valid") Exchange exchange) {
        Observed alone = Observed.whole(exchange.method(), exchange.stream(), true);
        byte[] followed = java.util.Arrays.copyOf(exchange.stream(), exchange.stream().length + TRAILING.length);
        System.arraycopy(TRAILING, 0, followed, exchange.stream().length, TRAILING.length);
        if (alone.framing() != Framing.CLOSE_DELIMITED) {
            assertThat(Observed.whole(exchange.method(), followed, true)).isEqualTo(alone);
        }
    }

    @Property(tries = 2000, seed = SEED)
    void aResponseCutShortIsNeverComplete(@ForAll("valid") Exchange exchange, @ForAll @IntRange(max = 1000) int cut) {
        Observed whole = Observed.whole(exchange.method(), exchange.stream(), true);
        if (whole.framing() != Framing.CLOSE_DELIMITED) {
            byte[] part = java.util.Arrays.copyOf(exchange.stream(), cut % exchange.stream().length);
            assertThat(Observed.whole(exchange.method(), part, true).verdict()).isEqualTo(Verdict.TRUNCATED);
        }
    }

    @Provide
    Arbitrary<Exchange> valid() {
        return Arbitraries.randoms().map(random -> {
            Responses responses = new Responses(random);
            String method = responses.method();
            return new Exchange(method, new String(responses.valid(method), ISO_8859_1));
        });
    }

    @Provide
    Arbitrary<Exchange> mutated() {
        return valid().flatMap(exchange -> Arbitraries.longs()
                .map(seed -> new Exchange(
                        exchange.method(),
                        new String(new Responses(new Random(seed)).mutated(exchange.stream()), ISO_8859_1))));
    }

    private static Observed.Segments cutting(List<Integer> lengths) {
        int[] next = {0};
        return at -> lengths.get(next[0]++ % lengths.size());
    }
}
