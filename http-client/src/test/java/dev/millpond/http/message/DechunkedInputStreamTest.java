package dev.millpond.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.bridge.detect.ResponseDetector;
import dev.millpond.bridge.detect.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.junit.jupiter.api.Test;

/** What it makes of a body is what HttpCore's stream makes of it. */
class DechunkedInputStreamTest {

    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final Random random = new Random(5);

    private static DechunkedInputStream of(byte[] body) {
        return new DechunkedInputStream(new ByteArrayInputStream(body), body.length);
    }

    private static void assertTrailers(List<? extends Header> actual, ChunkedInputStream expected) {
        Header[] fields = expected.getFooters();
        assertThat(actual).hasSize(fields.length);
        for (int i = 0; i < fields.length; i++) {
            assertThat(actual.get(i).getName()).isEqualTo(fields[i].getName());
            assertThat(actual.get(i).getValue()).isEqualTo(fields[i].getValue());
        }
    }

    private void assertSame(byte[] body) throws IOException {
        ChunkedInputStream apache = new ChunkedInputStream(
                new SessionInputBufferImpl(1024), new ByteArrayInputStream(body), ResponseParser.CONFIG);
        byte[] expected = apache.readAllBytes();

        DechunkedInputStream all = of(body);
        assertThat(all.readAllBytes()).isEqualTo(expected);
        assertTrailers(all.trailers(), apache);
        assertThat(all.readAllBytes()).isEmpty();
        assertThat(all.read()).isEqualTo(-1);
        assertThat(all.available()).isZero();

        DechunkedInputStream byPieces = new DechunkedInputStream(reluctant(body), body.length);
        assertThat(byPieces.trailers()).isEmpty();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] target = new byte[5000];
        while (true) {
            assertThat(byPieces.read(target, 7, 0)).isZero();
            int count = byPieces.read(target, 7, 1 + random.nextInt(target.length - 7));
            if (count < 0) {
                break;
            }
            assertThat(count).isPositive();
            read.write(target, 7, count);
        }
        assertThat(read.toByteArray()).isEqualTo(expected);
        assertTrailers(byPieces.trailers(), apache);

        DechunkedInputStream rest = of(body);
        byte[] first = rest.readNBytes(expected.length / 2);
        assertThat(first).hasSize(expected.length / 2);
        if (rest.available() > 0) {
            assertThat(rest.read()).isEqualTo(expected[first.length] & 0xFF);
            assertThat(rest.readAllBytes()).hasSize(expected.length - first.length - 1);
        }
    }

    /** Gives less than it is asked for. */
    private InputStream reluctant(byte[] body) {
        return new FilterInputStream(new ByteArrayInputStream(body)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return in.read(target, offset, length == 0 ? 0 : 1 + random.nextInt(length));
            }
        };
    }

    private String chunk(int size) {
        StringBuilder chunk = new StringBuilder("0".repeat(random.nextInt(3)))
                .append(
                        random.nextBoolean()
                                ? Integer.toHexString(size)
                                : Integer.toHexString(size).toUpperCase(Locale.ROOT))
                .append(random.nextInt(4) == 0 ? " ;name=\"a b\"" : "")
                .append("\r\n");
        for (int i = 0; i < size; i++) {
            chunk.append((char) ('\0' + random.nextInt(256)));
        }
        return chunk.append("\r\n").toString();
    }

    private String body(int chunks, int most) {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < chunks; i++) {
            body.append(chunk(1 + random.nextInt(most)));
        }
        return body.append(random.nextInt(5) == 0 ? "0;last\r\n" : "0\r\n")
                .append("X-Trailer: a\r\nX-Other:b\r\n", 0, new int[] {0, 14, 25}[random.nextInt(3)])
                .append("\r\n")
                .toString();
    }

    @Test
    void bodiesOfAllSizes() throws IOException {
        for (int i = 0; i < 3000; i++) {
            assertSame(body(random.nextInt(5), 1 + random.nextInt(60)).getBytes(ISO_8859_1));
        }
        for (int i = 0; i < 200; i++) {
            assertSame(body(random.nextInt(30), 1 + random.nextInt(10_000)).getBytes(ISO_8859_1));
        }
    }

    /** Bytes changed at random: whatever the detector lets through is read alike. */
    @Test
    void whatTheDetectorAcceptsIsReadAlike() throws IOException {
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder mutated = new StringBuilder(body(random.nextInt(4), 20));
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                int at = random.nextInt(mutated.length());
                switch (random.nextInt(3)) {
                    case 0 -> mutated.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> mutated.deleteCharAt(at);
                    default -> mutated.insert(at, "\r\n \t;0".charAt(random.nextInt(6)));
                }
                if (mutated.length() == 0) {
                    break;
                }
            }
            byte[] bytes = (HEAD + mutated).getBytes(ISO_8859_1);
            ResponseDetector detector = new ResponseDetector();
            detector.expect("GET");
            if (detector.examine(bytes, 0, bytes.length) == Verdict.COMPLETE) {
                accepted++;
                assertSame((HEAD + mutated)
                        .substring(HEAD.length(), detector.consumed())
                        .getBytes(ISO_8859_1));
            }
        }
        assertThat(accepted).isGreaterThan(1_000);
    }

    @Test
    void oneChunkIsReadAtOnceAtItsLength() throws IOException {
        byte[] body = "5\r\nhello\r\n0\r\n\r\n".getBytes(ISO_8859_1);
        DechunkedInputStream in = of(body);
        assertThat(in.available()).isEqualTo(5);
        assertThat(in.read(new byte[100])).isEqualTo(5);
        assertThat(in.read()).isEqualTo(-1);
    }
}
