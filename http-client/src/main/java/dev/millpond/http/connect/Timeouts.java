package dev.millpond.http.connect;

import dev.millpond.bridge.ResponseLimits;
import java.time.Duration;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** Between Apache's timeouts, where none or zero means for ever, and durations. */
public final class Timeouts {

    public static final Duration FOREVER = ResponseLimits.LONGEST;

    private Timeouts() {}

    public static Duration of(@Nullable TimeValue timeout) {
        return timeout == null ? FOREVER : ofMillis(timeout.toMilliseconds());
    }

    public static Duration ofMillis(long millis) {
        return millis <= 0 || millis > FOREVER.toMillis() ? FOREVER : Duration.ofMillis(millis);
    }
}
