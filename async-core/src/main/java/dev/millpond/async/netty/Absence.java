package dev.millpond.async.netty;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Of the thread that leads an event loop but for the callbacks that it runs in between, which are the user's, and may
 * take their time, while the response to what they have sent arrives.
 */
final class Absence {

    /** How long nobody else leads meanwhile, in nanoseconds. */
    static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(2);

    /** Responses may be kept waiting for as long as it takes to wake a thread or two up for them. */
    private static final long BRIEF = TimeUnit.MICROSECONDS.toNanos(50);

    private volatile @Nullable Thread absent;

    // The absent thread's alone.
    private boolean sent;
    private long sentAt;

    /** The calling thread leads, and leaves soon. */
    void begin() {
        sent = false;
        absent = Thread.currentThread();
    }

    /** Whether it is the calling thread's. */
    boolean isCallers() {
        return absent == Thread.currentThread();
    }

    /** The calling thread, the absent one, has sent something. */
    void sent(long now) {
        sent = true;
        sentAt = now;
    }

    /** The absent thread is back: returns whether that is soon enough after it has sent something. */
    boolean isBrief(long now) {
        return !sent || now - sentAt < BRIEF;
    }

    void end() {
        absent = null;
    }
}
