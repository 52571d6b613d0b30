package dev.millpond.http.message;

import java.util.Arrays;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * Fields that responses have had lately, so that they need not be made anew for the next ones: most are the same for
 * all responses of a server, or for those of a second, and come in the same order. Only the same bytes give the same
 * field. No long one is kept, none whose value is another each time, and no cookie, which is one user's secret.
 *
 * <p>Shared by all threads without a lock: a field that another thread has just put elsewhere, or in its place, is made
 * once more, and no worse.
 */
final class RecentFields {

    private static final int SLOTS = 512;
    private static final int LONGEST = 100;
    private static final @Nullable Line[] LINES = new Line[SLOTS];

    /** What comes before all fields. */
    static final Line START = new Line(new byte[0], new BasicHeader("", null));

    /** A field's line, with its end. Safe to hand to other threads without a lock, as what counts never changes. */
    static final class Line {

        final Header field;
        private final byte[] bytes;
        private @Nullable Line next;
        private boolean again;

        Line(byte[] bytes, Header field) {
            this.bytes = bytes;
            this.field = field;
        }

        int length() {
            return bytes.length;
        }

        boolean hasComeAgain() {
            return again;
        }

        /** The line that came after this one the last time. */
        @Nullable
        Line next() {
            return next;
        }

        /** What has come in place of {@link #next()}, and so is likely to be followed by the same. */
        void next(Line line) {
            Line before = next;
            if (before != null && line.next == null) {
                line.next = before.next;
            }
            next = line;
        }

        /** Whether these bytes begin with this line. */
        boolean isAt(byte[] head, int from, int end) {
            int to = from + bytes.length;
            return to <= end && Arrays.equals(bytes, 0, bytes.length, head, from, to);
        }
    }

    private RecentFields() {}

    /** The line that these bytes are, with its end; null if it is not known. */
    static @Nullable Line find(byte[] bytes, int from, int to) {
        Line line = LINES[slot(bytes, from, to)];
        if (line == null || line.length() != to - from || !line.isAt(bytes, from, to)) {
            return null;
        }
        line.again = true;
        return line;
    }

    /** Keeps the field that these bytes are, if it may come again. It is expected after another once it has. */
    static void add(byte[] bytes, int from, int to, RecentName name, Header field) {
        if (to - from <= LONGEST && name.mayComeAgain()) {
            Line line = new Line(Arrays.copyOfRange(bytes, from, to), field);
            LINES[slot(bytes, from, to)] = line;
            name.keeps(line);
        }
    }

    /** Of what changes from response to response, such as a date, each takes the place of the one before. */
    private static int slot(byte[] bytes, int from, int to) {
        int length = to - from;
        int hash = length * 31 + bytes[from] * 7 + bytes[from + length / 2] * 17 + bytes[Math.max(from, to - 3)] * 3;
        return (hash ^ hash >>> 9) & (SLOTS - 1);
    }
}
