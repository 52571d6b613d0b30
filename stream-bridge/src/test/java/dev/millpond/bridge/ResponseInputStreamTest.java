package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.detect.Framing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of {@link InputStream}, for every way the bytes may lie in segments. */
class ResponseInputStreamTest {

    private static final byte[] BYTES = "head:0123456789".getBytes(ISO_8859_1);
    private static final int HEAD = 5;

    static Stream<CompleteResponse> layouts() {
        List<CompleteResponse> responses = new ArrayList<>();
        for (int first = 1; first <= BYTES.length; first++) {
            responses.add(collected(first));
        }
        return responses.stream();
    }

    private static CompleteResponse collected(int first) {
        HeapSegments buffer = new HeapSegments(new MemoryBudget(Long.MAX_VALUE));
        put(buffer, 0, first);
        put(buffer, first, BYTES.length);
        return new CompleteResponse(buffer.drain(), HEAD, 200, Framing.CONTENT_LENGTH, true);
    }

    private static void put(HeapSegments buffer, int from, int to) {
        for (int at = from; at < to; ) {
            byte[] segment = buffer.segment(to - at, Long.MAX_VALUE);
            int count = Math.min(to - at, segment.length - buffer.position());
            System.arraycopy(BYTES, at, segment, buffer.position(), count);
            buffer.advance(count);
            at += count;
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void itReadsAllBytesOnceAndThenTheEndForEver(CompleteResponse response) throws IOException {
        InputStream in = response.inputStream();
        assertThat(in.readAllBytes()).isEqualTo(BYTES);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(new byte[1])).isEqualTo(-1);
        assertThat(in.skip(1)).isZero();
        assertThat(in.available()).isZero();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyCallGivesAStreamOfItsOwn(CompleteResponse response) throws IOException {
        InputStream first = response.inputStream();
        InputStream second = response.inputStream();
        assertThat(first.read()).isEqualTo('h');
        assertThat(second.read()).isEqualTo('h');
        assertThat(response.bodyInputStream().readAllBytes()).isEqualTo("0123456789".getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void aReadGivesAsMuchAsThereIs(CompleteResponse response) throws IOException {
        byte[] target = new byte[100];
        assertThat(response.inputStream().read(target, 10, 90)).isEqualTo(BYTES.length);
        assertThat(target).startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'h').endsWith(0, 0);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void availableSkipMarkAndTransferAgree(CompleteResponse response) throws IOException {
        InputStream in = response.inputStream();
        assertThat(in.available()).isEqualTo(BYTES.length);
        assertThat(in.skip(7)).isEqualTo(7);
        assertThat(in.skip(-1)).isZero();
        assertThat(in.available()).isEqualTo(BYTES.length - 7);
        in.mark(100);
        assertThat(in.read()).isEqualTo('2');
        in.reset();
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        assertThat(in.transferTo(rest)).isEqualTo(8);
        assertThat(rest.toString(ISO_8859_1)).isEqualTo("23456789");
        assertThat(in.skip(100)).isZero();
    }

    @Test
    void resetWithoutMarkGoesBackToTheBeginning() throws IOException {
        InputStream in = collected(3).bodyInputStream();
        assertThat(in.readNBytes(4)).hasSize(4);
        in.reset();
        assertThat(in.readAllBytes()).hasSize(10);
    }

    @Test
    void aBadRangeIsRefusedAndAnEmptyOneReadsNothing() throws IOException {
        InputStream in = collected(3).inputStream();
        assertThatThrownBy(() -> in.read(new byte[3], 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> in.read(new byte[3], -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(in.read(new byte[0])).isZero();
        in.skip(100);
        assertThat(in.read(new byte[0])).isZero();
    }

    @Test
    void aClosedStreamFailsAndOthersDoNot() throws IOException {
        CompleteResponse response = collected(3);
        InputStream in = response.inputStream();
        in.close();
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("stream closed");
        assertThatThrownBy(in::available).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> in.skip(1)).isInstanceOf(IOException.class);
        assertThatThrownBy(in::reset).isInstanceOf(IOException.class);
        assertThat(response.inputStream().readAllBytes()).isEqualTo(BYTES);
    }

    @Test
    void closingTheResponseFailsItsStreams() throws IOException {
        CompleteResponse response = collected(3);
        InputStream before = response.inputStream();
        response.close();
        response.close();
        assertThatThrownBy(before::read).isInstanceOf(IOException.class).hasMessage("response closed");
        assertThatThrownBy(() -> response.inputStream().read(new byte[1]))
                .isInstanceOf(IOException.class)
                .hasMessage("response closed");
    }
}
