package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MissesTest {

    private final Misses misses = new Misses(10);

    @Test
    void fourInARowAreEnough() {
        assertThat(LongStream.rangeClosed(1, 8).mapToObj(misses::enough))
                .containsExactly(false, false, false, true, false, false, false, true);
    }

    @Test
    void onesThatAreFarApartAreNot() {
        assertThat(LongStream.of(0, 9, 18, 28, 37, 46).mapToObj(misses::enough)).containsOnly(false);
        assertThat(misses.enough(55)).isTrue();
    }

    @Test
    void afterOneInVainThereHaveToBeMany() {
        misses.enough(0);
        misses.inVain();
        assertThat(LongStream.rangeClosed(1, 4000).mapToObj(misses::enough)).containsOnly(false);
        assertThat(LongStream.rangeClosed(4001, 4004).mapToObj(misses::enough)).contains(true);
    }
}
