package dev.millpond.bridge.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a detector says of a whole stream, in terms that must not depend on how the stream was cut.
 *
 * @param interims lengths of the interim responses, in order
 * @param verdict the last verdict
 * @param at where the last message ends, or breaks a rule, or breaks off, counted from its own beginning
 */
record Observed(
        List<Long> interims,
        Verdict verdict,
        long at,
        long announced,
        int statusCode,
        Framing framing,
        boolean reusable,
        @Nullable Violation violation) {

    /** Cuts a stream into segments: how long is the next one? */
    @FunctionalInterface
    interface Segments {
        int next(int at);
    }

    static Observed whole(String method, byte[] stream, boolean ends) {
        return of(method, stream, ends, at -> stream.length);
    }

    /** Examines bytes. */
    @FunctionalInterface
    private interface Examination {
        Verdict of(ResponseDetector detector, byte[] bytes);
    }

    /** Feeds the stream until there is a verdict on a final response; then its end, if it {@code ends} before. */
    static Observed of(String method, byte[] stream, boolean ends, Segments segments) {
        return of(method, stream, ends, segments, (detector, bytes) -> {
            // In an array of its own, so that a look beyond the segment is an error.
            byte[] segment = new byte[bytes.length + 2];
            System.arraycopy(bytes, 0, segment, 1, bytes.length);
            return detector.examine(segment, 1, bytes.length);
        });
    }

    /** As {@link #of}, through buffers outside the heap. */
    static Observed ofBuffers(String method, byte[] stream, boolean ends, Segments segments) {
        return of(method, stream, ends, segments, (detector, bytes) -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 1)
                    .put((byte) '!')
                    .put(bytes)
                    .flip()
                    .position(1);
            Verdict verdict = detector.examine(buffer);
            assertThat(buffer.position() - 1).isEqualTo(detector.consumed());
            return verdict;
        });
    }

    private static Observed of(String method, byte[] stream, boolean ends, Segments segments, Examination examination) {
        ResponseDetector detector = new ResponseDetector();
        detector.expect(method);
        List<Long> interims = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int length = Math.max(1, Math.min(segments.next(at), stream.length - at));
            Verdict verdict = examination.of(detector, Arrays.copyOfRange(stream, at, at + length));
            at += detector.consumed();
            if (verdict == Verdict.COMPLETE && detector.interim()) {
                interims.add(detector.received());
            } else if (verdict != Verdict.NEED_MORE) {
                return observed(detector, interims, verdict);
            } else if (detector.consumed() != length) {
                throw new AssertionError("needs more, but consumed " + detector.consumed() + " of " + length);
            }
        }
        return observed(detector, interims, ends ? detector.endOfStream() : Verdict.NEED_MORE);
    }

    private static Observed observed(ResponseDetector detector, List<Long> interims, Verdict verdict) {
        return new Observed(
                interims,
                verdict,
                detector.received(),
                detector.announced(),
                detector.statusCode(),
                detector.framing(),
                detector.reusable(),
                verdict == Verdict.MALFORMED ? detector.violation() : null);
    }
}
