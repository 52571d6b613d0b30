package dev.millpond.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentPoolTest {

    private static final int LARGE = 5 * SegmentPool.LENGTH + 100;

    private final MemoryBudget budget = new MemoryBudget(64 << 20);

    /** A response of one value alone. */
    private HeapBytes response(int length, int value) {
        HeapSegments arriving = new HeapSegments(budget);
        for (int left = length; left > 0; ) {
            byte[] segment = arriving.segment(Math.min(left, 10_000), left);
            int count = Math.min(Math.min(left, 10_000), segment.length - arriving.position());
            Arrays.fill(segment, arriving.position(), arriving.position() + count, (byte) value);
            arriving.advance(count);
            left -= count;
        }
        return arriving.drain();
    }

    @Test
    void whatALargeResponseWasKeptInKeepsTheNextOne() throws Exception {
        HeapBytes first = response(LARGE, 1);
        first.close();
        first.close();
        long kept = budget.segments().size();
        assertThat(kept).isBetween(LARGE + 1L, LARGE * 5L / 4);
        assertThat(budget.used()).isZero();
        HeapBytes second = response(LARGE, 2);
        assertThat(budget.segments().size()).isZero();
        assertThat(second.inputStream(0).readAllBytes()).hasSize(LARGE).containsOnly(2);
        assertThatThrownBy(() -> first.inputStream(0).readAllBytes()).hasMessage("response closed");
        assertThatThrownBy(() -> first.copyTo(new byte[1], 1)).hasMessage("response closed");
        second.close();
        assertThat(budget.segments().size()).isEqualTo(kept);
    }

    @Test
    void whatFailsGivesItsArraysBackToo() {
        HeapSegments arriving = new HeapSegments(budget);
        for (int i = 0; i < 4 * SegmentPool.LENGTH; i += 1000) {
            arriving.segment(1000, Long.MAX_VALUE);
            arriving.advance(1000);
        }
        arriving.clear();
        assertThat(budget.segments().size()).isPositive();
        assertThat(budget.used()).isZero();
    }

    @Test
    void smallOnesHaveNothingToGive() throws Exception {
        HeapBytes small = response(1000, 1);
        InputStream in = small.inputStream(0);
        assertThat(in.read()).isEqualTo(1);
        small.close();
        assertThat(budget.segments().size()).isZero();
        assertThatThrownBy(in::read).hasMessage("response closed");
    }

    @Test
    void aResponseInOneArrayGivesItBackToo() throws Exception {
        HeapBytes first = response(9000, 1);
        InputStream reading = first.inputStream(0);
        assertThat(reading.read()).isEqualTo(1);
        first.close();
        assertThat(budget.segments().size()).isGreaterThanOrEqualTo(9000);
        assertThat(response(9100, 2).inputStream(0).readAllBytes())
                .hasSize(9100)
                .containsOnly(2);
        assertThat(budget.segments().size()).isZero();
        assertThatThrownBy(reading::readAllBytes).hasMessage("response closed");
    }

    @Test
    void anArrayHasRoomForWhatIsWantedAndLittleMore() {
        for (int wanted = 1; wanted <= 2 * SegmentPool.LENGTH; wanted++) {
            int length = SegmentPool.length(wanted);
            if (wanted <= 2048 || wanted > SegmentPool.LENGTH) {
                assertThat(length).isEqualTo(wanted);
            } else if (length < wanted || length >= wanted * 5L / 4 || !SegmentPool.pooled(length)) {
                throw new AssertionError(length + " for " + wanted);
            }
        }
        assertThat(SegmentPool.length(SegmentPool.LENGTH)).isEqualTo(SegmentPool.LENGTH);
    }

    @Test
    void noMoreIsKeptThanAQuarterOfTheBudget() {
        SegmentPool tiny = new MemoryBudget(8 * SegmentPool.LENGTH).segments();
        for (int i = 0; i < 5; i++) {
            tiny.give(new byte[SegmentPool.LENGTH]);
        }
        tiny.give(new byte[10]);
        tiny.give(new byte[3000]);
        assertThat(tiny.size()).isEqualTo(2 * SegmentPool.LENGTH);
        assertThat(new MemoryBudget(0).segments().take(SegmentPool.LENGTH)).hasSize(SegmentPool.LENGTH);
    }

    @Test
    void lengthsThatAreWantedTakeThePlaceOfOthers() {
        SegmentPool tiny = new MemoryBudget(8 * SegmentPool.LENGTH).segments();
        tiny.give(new byte[SegmentPool.LENGTH]);
        tiny.give(new byte[SegmentPool.LENGTH]);
        byte[] shorter = new byte[4096];
        tiny.give(shorter);
        assertThat(tiny.size()).isEqualTo(SegmentPool.LENGTH + 4096);
        assertThat(tiny.take(4096)).isSameAs(shorter);
        assertThat(tiny.take(4096)).isNotSameAs(shorter);
        assertThat(tiny.size()).isEqualTo(SegmentPool.LENGTH);
    }

    @Test
    void aReadThatGoesOnKeepsItsArrays() {
        HeapBytes response = response(LARGE, 1);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        OutputStream closing = new OutputStream() {
            @Override
            public void write(int octet) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                if (length == SegmentPool.LENGTH) {
                    response.close();
                    response(LARGE, 2);
                }
                read.write(bytes, offset, length);
            }
        };
        assertThatThrownBy(() -> response.inputStream(0).transferTo(closing)).hasMessage("response closed");
        assertThat(read.toByteArray()).hasSizeGreaterThan(SegmentPool.LENGTH).containsOnly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {9500, LARGE})
    void noReadEverMeetsAnotherResponse(int length) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(3);
        for (int i = 0; i < 300; i++) {
            int value = i % 100;
            HeapBytes response = response(length, value);
            List<Future<?>> reading = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                reading.add(readers.submit(() -> {
                    readOnly(response, value);
                    return null;
                }));
            }
            response(SegmentPool.LENGTH, 101).close();
            response.close();
            response(length, 102).close();
            for (Future<?> read : reading) {
                read.get(60, TimeUnit.SECONDS);
            }
        }
        readers.shutdown();
        assertThat(budget.used()).isZero();
    }

    private static void readOnly(HeapBytes response, int value) {
        byte[] target = new byte[5000];
        try (InputStream in = response.inputStream(0)) {
            for (int count = in.read(target); count >= 0; count = in.read(target)) {
                only(target, count, value);
            }
            byte[] again = response.inputStream(0).readAllBytes();
            only(again, again.length, value);
        } catch (IOException closed) {
            assertThat(closed).hasMessage("response closed");
        }
    }

    private static void only(byte[] bytes, int count, int value) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != value) {
                throw new AssertionError("read " + bytes[i] + " in a response of " + value);
            }
        }
    }
}
