package dev.millpond.http.apache;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hc.core5.http.HttpResponse;

/** What connections are made of and held to, beyond Apache's own configuration. */
record BridgeSettings(
        Supplier<AsyncCore> core,
        Supplier<ResponseStorage> storage,
        long maxResponseSize,
        Duration responseDeadline,
        Predicate<HttpResponse> streaming) {

    ResponseLimits limits(Duration socketTimeout) {
        return new ResponseLimits(maxResponseSize, socketTimeout, responseDeadline);
    }
}
