package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeapSegmentsTest {

    private final MemoryBudget budget = new MemoryBudget(16 << 20);
    private final HeapSegments buffer = new HeapSegments(budget);

    @Test
    void aResponseThatComesAtOnceTakesWhatItNeeds() {
        assertThat(buffer.segment(318, Long.MAX_VALUE)).hasSize(318);
    }

    @Test
    void anAnnouncedLengthAllocatesNothing() {
        put(100);
        assertThat(buffer.segment(1, 1L << 62).length).isLessThanOrEqualTo(512);
    }

    @Test
    void segmentsGrowWithWhatHasArrivedUpToALimit() {
        put(1000);
        assertThat(buffer.segment(1, Long.MAX_VALUE)).hasSize(1000);
        while (buffer.size() < 3 << 20) {
            put(60_000);
        }
        fillSegment();
        assertThat(buffer.segment(1, Long.MAX_VALUE)).hasSize(256 << 10);
    }

    @Test
    void theLastSegmentIsNoLargerThanWhatIsMissing() {
        put(1000);
        assertThat(buffer.segment(10, 20)).hasSize(20);
    }

    @Test
    void itKeepsNothingBeyondWhatItWasToldToKeep() {
        byte[] segment = buffer.segment(10, Long.MAX_VALUE);
        buffer.advance(4);
        assertThat(buffer.segment(6, Long.MAX_VALUE)).isSameAs(segment);
        assertThat(buffer.position()).isEqualTo(4);
        assertThat(buffer.drain().size()).isEqualTo(4);
        assertThat(buffer.size()).isZero();
    }

    @Test
    void whatIsHeldIsReservedUntilItIsClosed() {
        put(1000);
        assertThat(budget.used()).isEqualTo(1000);
        put(10);
        assertThat(budget.used()).isEqualTo(2000);
        StoredBytes bytes = buffer.drain();
        assertThat(budget.used()).isEqualTo(2000);
        bytes.close();
        bytes.close();
        assertThat(budget.used()).isZero();
        put(5);
        buffer.clear();
        assertThat(budget.used()).isZero();
    }

    @Test
    void aBodyIsKeptWithoutItsHeadAndTheNextResponseReceivedInItsPlace() throws Exception {
        byte[] received = buffer.segment(8, Long.MAX_VALUE);
        put("headbody");
        StoredBytes first = buffer.drainBody(4);
        assertThat(first.size()).isEqualTo(8);
        assertThat(budget.used()).isEqualTo(4);
        assertThat(buffer.size()).isZero();

        assertThat(buffer.segment(6, Long.MAX_VALUE)).isSameAs(received);
        assertThat(budget.used()).isEqualTo(4 + 8);
        put("HEADno");
        StoredBytes second = buffer.drainBody(4);
        assertThat(first.inputStream(4)).hasContent("body");
        assertThat(first.inputStream(6)).hasContent("dy");
        assertThat(second.inputStream(4)).hasContent("no");
        assertThatThrownBy(() -> first.inputStream(3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the head was taken by the response's listener");
        first.close();
        second.close();
        assertThat(budget.used()).isZero();
    }

    @Test
    void responsesOfTwoConnectionsAreReceivedInOnePlaceUnlessTheyComeAtOnce() {
        HeapSegments other = new HeapSegments(budget);
        byte[] received = buffer.segment(8, Long.MAX_VALUE);
        put("headbody");
        buffer.drainBody(4);

        assertThat(other.segment(6, Long.MAX_VALUE)).isSameAs(received);
        assertThat(buffer.segment(6, Long.MAX_VALUE)).isNotSameAs(received).hasSize(6);
    }

    @Test
    void aResponseWithoutABodyKeepsNothing() throws Exception {
        put("head");
        StoredBytes bytes = buffer.drainBody(4);
        assertThat(budget.used()).isZero();
        assertThat(bytes.inputStream(4)).isEmpty();
    }

    @Test
    void whatOutgrowsThePlaceOfTheOneBeforeHasThatToItself() throws Exception {
        put("headbody");
        buffer.drainBody(4).close();
        put("HEADbo");
        put("dy and more");
        StoredBytes bytes = buffer.drainBody(4);
        put("x".repeat(8));
        assertThat(bytes.inputStream(4)).hasContent("body and more");
        bytes.close();
        buffer.clear();
        assertThat(budget.used()).isZero();
    }

    @Test
    void muchIsNotCopied() throws Exception {
        put("head" + "x".repeat(2000));
        StoredBytes bytes = buffer.drainBody(4);
        assertThat(budget.used()).isEqualTo(2004);
        assertThat(bytes.inputStream(4)).hasContent("x".repeat(2000));
    }

    @Test
    void beyondTheBudgetItTakesWhatIsAtHandAndSaysSo() {
        budget.reserve(16 << 20);
        put(1000);
        assertThat(buffer.overBudget()).isTrue();
        assertThat(buffer.segment(10, Long.MAX_VALUE)).hasSize(10);
        assertThat(budget.used()).isEqualTo((16 << 20) + 1010);
        buffer.clear();
        assertThat(buffer.overBudget()).isFalse();
        assertThat(budget.used()).isEqualTo(16 << 20);
    }

    @Test
    void whatNobodyClosesIsReleasedWhenItIsGarbage() throws Exception {
        put(1000);
        assertThat(buffer.drain().size()).isEqualTo(1000);
        for (int i = 0; i < 1000 && budget.used() > 0; i++) {
            System.gc();
            Thread.sleep(5);
        }
        assertThat(budget.used()).isZero();
    }

    private void fillSegment() {
        byte[] segment = buffer.segment(1, Long.MAX_VALUE);
        buffer.advance(segment.length - buffer.position());
    }

    private void put(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        for (int done = 0; done < bytes.length; ) {
            byte[] segment = buffer.segment(bytes.length - done, Long.MAX_VALUE);
            int step = Math.min(bytes.length - done, segment.length - buffer.position());
            System.arraycopy(bytes, done, segment, buffer.position(), step);
            buffer.advance(step);
            done += step;
        }
    }

    private void put(int count) {
        for (int left = count; left > 0; ) {
            byte[] segment = buffer.segment(left, Long.MAX_VALUE);
            int step = Math.min(left, segment.length - buffer.position());
            buffer.advance(step);
            left -= step;
        }
    }
}
