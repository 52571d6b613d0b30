package dev.millpond.bridge;

import java.time.Duration;

/**
 * What a response may cost. Immutable; the methods named after a component return a changed copy.
 *
 * @param maxResponseSize bytes of body, as on the wire (chunk framing counts); the head has limits of its own
 * @param socketTimeout longest time without a byte in either direction
 * @param responseDeadline longest time for the whole exchange
 */
public record ResponseLimits(long maxResponseSize, Duration socketTimeout, Duration responseDeadline) {

    /** Durations beyond a century are as good as none, and nanoseconds beyond 292 years don't fit a long. */
    public static final Duration LONGEST = Duration.ofDays(36_525);

    /** 16 GiB, 1 minute without a byte, 5 minutes in all. */
    public static final ResponseLimits DEFAULTS =
            new ResponseLimits(16L << 30, Duration.ofMinutes(1), Duration.ofMinutes(5));

    public ResponseLimits {
        if (maxResponseSize < 0) {
            throw new IllegalArgumentException("maxResponseSize: expected 0 or more, got " + maxResponseSize);
        }
        socketTimeout = bounded("socketTimeout", socketTimeout);
        responseDeadline = bounded("responseDeadline", responseDeadline);
    }

    public ResponseLimits maxResponseSize(long bytes) {
        return new ResponseLimits(bytes, socketTimeout, responseDeadline);
    }

    public ResponseLimits socketTimeout(Duration timeout) {
        return new ResponseLimits(maxResponseSize, timeout, responseDeadline);
    }

    public ResponseLimits responseDeadline(Duration deadline) {
        return new ResponseLimits(maxResponseSize, socketTimeout, deadline);
    }

    /** The socket timeout as messages say it: "2 s", "200 ms". */
    public String socketTimeoutText() {
        return text(socketTimeout);
    }

    /** The deadline as messages say it: "2 s", "200 ms". */
    public String responseDeadlineText() {
        return text(responseDeadline);
    }

    long socketTimeoutNanos() {
        return socketTimeout.toNanos();
    }

    long responseDeadlineNanos() {
        return responseDeadline.toNanos();
    }

    /** A duration as messages say it: "2 s", "200 ms". */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }

    private static Duration bounded(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + ": expected more than zero, got " + duration);
        }
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }
}
