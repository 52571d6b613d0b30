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
        int kept = budget.segments().size();
        assertThat(kept).isBetween(3, 5);
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
    void noMoreIsKeptThanAQuarterOfTheBudget() {
        MemoryBudget tiny = new MemoryBudget(8 * SegmentPool.LENGTH);
        for (int i = 0; i < 5; i++) {
            tiny.segments().give(new byte[SegmentPool.LENGTH]);
        }
        tiny.segments().give(new byte[10]);
        assertThat(tiny.segments().size()).isEqualTo(2);
        assertThat(new MemoryBudget(0).segments().take(SegmentPool.LENGTH)).hasSize(SegmentPool.LENGTH);
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

    @Test
    void noReadEverMeetsAnotherResponse() throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(3);
        for (int i = 0; i < 300; i++) {
            int value = i % 100;
            HeapBytes response = response(LARGE, value);
            List<Future<?>> reading = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                reading.add(readers.submit(() -> {
                    readOnly(response, value);
                    return null;
                }));
            }
            response(SegmentPool.LENGTH, 101).close();
            response.close();
            response(LARGE, 102).close();
            for (Future<?> read : reading) {
                read.get(60, TimeUnit.SECONDS);
            }
        }
        readers.shutdown();
        assertThat(budget.used()).isZero();
    }

    private static void readOnly(HeapBytes response, int value) {
        byte[] target = new byte[50_000];
        try (InputStream in = response.inputStream(0)) {
            for (int count = in.read(target); count >= 0; count = in.read(target)) {
                for (int i = 0; i < count; i++) {
                    if (target[i] != value) {
                        throw new AssertionError("read " + target[i] + " in a response of " + value);
                    }
                }
            }
        } catch (IOException closed) {
            assertThat(closed).hasMessage("response closed");
        }
    }
}
