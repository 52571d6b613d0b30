package dev.millpond.http.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millpond.bridge.ResponseTooLargeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Objects;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.apache.hc.core5.io.IOFunction;
import org.junit.jupiter.api.Test;

class BoundedDecodersTest {

    private static final byte[] BODY = new byte[100_000];

    static {
        new Random(1).nextBytes(BODY);
    }

    private static byte[] encoded(byte[] body, IOFunction<OutputStream, OutputStream> coding) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream encoding = coding.apply(bytes)) {
            encoding.write(body);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] body) throws IOException {
        return encoded(body, GZIPOutputStream::new);
    }

    private static InputStream open(String coding, byte[] encoded, long maxSize, int maxRatio) throws IOException {
        return Objects.requireNonNull(BoundedDecoders.within(new DecodingLimits(maxSize, maxRatio))
                        .get(coding))
                .create(new ByteArrayInputStream(encoded));
    }

    private static byte[] decode(String coding, byte[] encoded) throws IOException {
        try (InputStream decoded = open(coding, encoded, BODY.length, 200)) {
            return decoded.readAllBytes();
        }
    }

    private static ResponseTooLargeException failure(InputStream decoded, byte[] target) {
        return Objects.requireNonNull(catchThrowableOfType(ResponseTooLargeException.class, () -> {
            while (decoded.read(target) >= 0) {
                // on to the limit
            }
        }));
    }

    @Test
    void codingsAreOfferedInHttpClientsOrder() {
        assertThat(BoundedDecoders.within(DecodingLimits.DEFAULT).keySet())
                .startsWith("gzip", "deflate", "br", "zstd")
                .endsWith("x-gzip");
    }

    @Test
    void eachDecodesUpToTheLimit() throws Exception {
        assertThat(decode("gzip", gzip(BODY))).isEqualTo(BODY);
        assertThat(decode("x-gzip", gzip(BODY))).isEqualTo(BODY);
        assertThat(decode("deflate", encoded(BODY, DeflaterOutputStream::new))).isEqualTo(BODY);
        assertThat(decode("zstd", encoded(BODY, ZstdCompressorOutputStream::new)))
                .isEqualTo(BODY);
        assertThat(decode("br", Base64.getDecoder().decode("CwKAaGVsbG8D")))
                .asString()
                .isEqualTo("hello");
    }

    /** GZIPInputStream looks at what is available to know whether another member follows. */
    @Test
    void gzipMembersFollowEachOther() throws Exception {
        byte[] first = gzip(new byte[] {1, 2});
        byte[] second = gzip(new byte[] {3});
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        assertThat(decode("gzip", both)).containsExactly(1, 2, 3);
    }

    @Test
    void oneByteMoreThanTheLimitFails() throws Exception {
        for (String coding : new String[] {"gzip", "zstd"}) {
            byte[] encoded = coding.equals("gzip") ? gzip(BODY) : encoded(BODY, ZstdCompressorOutputStream::new);
            try (InputStream decoded = open(coding, encoded, BODY.length - 1, 200)) {
                ResponseTooLargeException failure = failure(decoded, new byte[777]);
                assertThat(failure).hasMessage("response too large: maxDecodedSize is 99999 bytes, decoded more");
                assertThat(failure.setting()).isEqualTo("maxDecodedSize");
                assertThat(failure.limit()).isEqualTo(99_999);
                assertThatThrownBy(decoded::read).hasMessage(failure.getMessage());
            }
        }
    }

    @Test
    void singleBytesAndSkippedOnesCount() throws Exception {
        try (InputStream decoded = open("gzip", gzip(BODY), 10, 200)) {
            assertThat(decoded.skip(9)).isEqualTo(9);
            assertThat(decoded.read()).isEqualTo(BODY[9] & 0xFF);
            assertThatThrownBy(decoded::read).isInstanceOf(ResponseTooLargeException.class);
            assertThatThrownBy(() -> decoded.skip(1)).isInstanceOf(ResponseTooLargeException.class);
        }
        try (InputStream decoded = open("gzip", gzip(BODY), 10, 200)) {
            assertThatThrownBy(() -> decoded.skip(11)).isInstanceOf(ResponseTooLargeException.class);
        }
    }

    @Test
    void theRatioCountsFromItsFloorOn() throws Exception {
        byte[] zeros = new byte[(int) DecodingLimits.RATIO_FLOOR + 1];
        byte[] bomb = gzip(zeros);
        try (InputStream decoded = open("gzip", bomb, Long.MAX_VALUE, 200)) {
            assertThat(decoded.readNBytes(zeros.length - 1)).hasSize(zeros.length - 1);
            assertThatThrownBy(decoded::read)
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessageMatching("response too large: maxDecodedRatio is 200, \\d+ bytes decoded to 16777217");
        }
        try (InputStream decoded = open("gzip", bomb, Long.MAX_VALUE, 1100)) {
            assertThat(decoded.transferTo(OutputStream.nullOutputStream())).isEqualTo(zeros.length);
        }
    }

    @Test
    void whatCannotBeDecodedFailsAsWithoutLimits() throws Exception {
        byte[] cut = java.util.Arrays.copyOf(gzip(BODY), 500);
        try (InputStream decoded = open("gzip", cut, Long.MAX_VALUE, 200)) {
            assertThatThrownBy(decoded::readAllBytes).isInstanceOf(EOFException.class);
        }
        try (InputStream decoded = open("gzip", new byte[] {1, 2, 3}, Long.MAX_VALUE, 200)) {
            assertThatThrownBy(decoded::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThatThrownBy(() -> new DecodingLimits(0, 200))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxDecodedSize: expected 1 or more, got 0");
        assertThatThrownBy(() -> new DecodingLimits(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxDecodedRatio: expected 1 or more, got -1");
    }
}
