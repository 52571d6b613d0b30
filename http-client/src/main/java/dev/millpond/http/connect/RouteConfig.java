package dev.millpond.http.connect;

import java.time.Duration;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Apache's settings for the connections of one route.
 *
 * @param socket null for the core's own
 */
record RouteConfig(ConnectionConfig connection, @Nullable SocketConfig socket) {

    @SuppressWarnings("deprecation")
    Duration connectTimeout(RequestConfig request) {
        Timeout own = request.getConnectTimeout();
        return Timeouts.of(own != null ? own : connection.getConnectTimeout());
    }

    /** Null if these settings say nothing about it. */
    @Nullable
    Timeout socketTimeout(RequestConfig request) {
        if (request.getResponseTimeout() != null) {
            return request.getResponseTimeout();
        }
        if (connection.getSocketTimeout() != null) {
            return connection.getSocketTimeout();
        }
        return socket == null ? null : socket.getSoTimeout();
    }

    /**
     * For how long to keep an idle connection: not beyond its time to live, or its idle timeout. Zero or less is for
     * ever, and null not at all.
     *
     * @param openedAt in terms of {@link System#nanoTime()}
     */
    @Nullable
    TimeValue keepAlive(TimeValue wanted, long openedAt) {
        TimeValue kept = shorter(wanted, connection.getIdleTimeout());
        TimeValue timeToLive = connection.getTimeToLive();
        if (!TimeValue.isNonNegative(timeToLive)) {
            return kept;
        }
        Duration age = Duration.ofNanos(System.nanoTime() - openedAt);
        long left = timeToLive.toMilliseconds() - age.toMillis();
        return left <= 0 ? null : shorter(kept, TimeValue.ofMilliseconds(left));
    }

    private static TimeValue shorter(TimeValue one, @Nullable TimeValue other) {
        if (other == null || !TimeValue.isPositive(other)) {
            return one;
        }
        return TimeValue.isPositive(one) ? one.min(other) : other;
    }
}
