package dev.millpond.http.message;

import java.util.Arrays;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Fields that responses have had lately, so that they need not be made anew for the next ones: most are the same for
 * all responses of a server, or for those of a second. Only the same bytes give the same field. No long one is kept,
 * and no cookie, which is one user's secret.
 *
 * <p>Shared by all threads without a lock: a field that another thread has just put elsewhere, or in its place, is made
 * once more, and no worse.
 */
final class RecentFields {

    private static final int SLOTS = 512;
    private static final int LONGEST = 100;
    private static final @Nullable Line[] LINES = new Line[SLOTS];

    /** Safe to hand to other threads without a lock, as it never changes. */
    private static final class Line {

        final byte[] bytes;
        final Header field;

        Line(byte[] bytes, Header field) {
            this.bytes = bytes;
            this.field = field;
        }
    }

    private RecentFields() {}

    /** The field whose line has these bytes, from its name on and without its end; null if it is not known. */
    static @Nullable Header find(byte[] bytes, int from, int to) {
        Line line = LINES[slot(bytes, from, to)];
        return line != null && Arrays.equals(line.bytes, 0, line.bytes.length, bytes, from, to) ? line.field : null;
    }

    /** Keeps the field that these bytes are. */
    static void add(byte[] bytes, int from, int to, Header field) {
        if (to - from <= LONGEST && !HttpHeaders.SET_COOKIE.equalsIgnoreCase(field.getName())) {
            LINES[slot(bytes, from, to)] = new Line(Arrays.copyOfRange(bytes, from, to), field);
        }
    }

    /** Of what changes from response to response, such as a date, each takes the place of the one before. */
    private static int slot(byte[] bytes, int from, int to) {
        int length = to - from;
        int hash = length * 31 + bytes[from] * 7 + bytes[from + length / 2] * 17 + bytes[to - 1] * 3;
        return (hash ^ hash >>> 9) & (SLOTS - 1);
    }
}
