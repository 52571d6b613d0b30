package dev.millpond.http.message;

import dev.millpond.http.message.RecentFields.Line;
import java.util.Arrays;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A name that responses' fields have had lately, so that it need not be made anew, and whether its values come again: a
 * date does, for a second, the id of a request does not.
 *
 * <p>Shared by all threads without a lock: what another thread does meanwhile may be lost, which costs a field or a
 * name that is made once more.
 */
final class RecentName {

    private static final int SLOTS = 1024;
    private static final int LONGEST = 64;
    private static final @Nullable RecentName[] NAMES = new RecentName[SLOTS];

    /** After so many values in a row that have not come again, the next ones hardly will. */
    private static final int ENOUGH = 8;

    /** But one in so many may show that they do by now. */
    private static final int SAMPLE = 64;

    final String text;
    private final byte[] bytes;
    private final boolean secret;
    private @Nullable Line last;
    private int inVain;

    private RecentName(byte[] bytes, String text) {
        this.bytes = bytes;
        this.text = text;
        this.secret = text.equalsIgnoreCase(HttpHeaders.SET_COOKIE);
    }

    /** The name that these bytes are; null if it is not known. */
    static @Nullable RecentName find(byte[] head, int from, int to) {
        RecentName name = NAMES[slot(head, from, to)];
        return name != null && Arrays.equals(name.bytes, 0, name.bytes.length, head, from, to) ? name : null;
    }

    /** @param text what the bytes say, without blanks around it */
    static RecentName add(byte[] head, int from, int to, String text) {
        RecentName name = new RecentName(Arrays.copyOfRange(head, from, to), text);
        if (to - from <= LONGEST) {
            NAMES[slot(head, from, to)] = name;
        }
        return name;
    }

    /** Whether to keep a field for its value, which is not known. Asked once for each, as it counts them. */
    boolean mayComeAgain() {
        inVain = last == null || last.hasComeAgain() ? 0 : inVain + 1;
        return !secret && (inVain < ENOUGH || inVain % SAMPLE == 0);
    }

    void keeps(Line line) {
        last = line;
    }

    /** Of all bytes: names that are as long, and begin and end alike, come together, as limits of a rate do. */
    private static int slot(byte[] head, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + head[i];
        }
        return (hash ^ hash >>> 10) & (SLOTS - 1);
    }
}
