package dev.millpond.http.fetch;

import jdk.jfr.FlightRecorder;
import org.apache.hc.client5.http.HttpRoute;
import org.jspecify.annotations.Nullable;

/** What an exchange tells those who watch it, step by step; any thread. By default nobody does, and this is nothing. */
interface ExchangeTrace {

    ExchangeTrace NONE = new ExchangeTrace() {};

    /**
     * Without a flight recorder its events are not even loaded: the JVM takes longer for them than for the first
     * exchange.
     */
    static ExchangeTrace of(Call<?> call, HttpRoute route) {
        return CallLog.LOG.isDebugEnabled() || (FlightRecorder.isInitialized() && RecordedExchange.isWanted())
                ? new RecordedExchange(call, route)
                : NONE;
    }

    default void leasing() {}

    /** @param reused whether the place has a connection in it */
    default void leased(boolean reused) {}

    default void connecting() {}

    default void connected(@Nullable Throwable failure) {}

    /** @param bytes of the whole response, on the wire */
    default void received(int status, long bytes) {}

    /** @param kept whether the connection was given back to be used again */
    default void succeeded(boolean kept) {}

    default void failed(Throwable failure) {}

    default void cancelled() {}
}
