package dev.millpond.http.apache;

import java.time.Duration;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** Between Apache's timeouts, where none or zero means for ever, and durations. */
final class Timeouts {

    /** A century: as good as for ever, and still fit for arithmetic in nanoseconds. */
    static final Duration FOREVER = Duration.ofDays(36_525);

    private Timeouts() {}

    static Duration of(@Nullable TimeValue timeout) {
        return timeout == null ? FOREVER : ofMillis(timeout.toMilliseconds());
    }

    static Duration ofMillis(long millis) {
        return millis <= 0 || millis > FOREVER.toMillis() ? FOREVER : Duration.ofMillis(millis);
    }
}
