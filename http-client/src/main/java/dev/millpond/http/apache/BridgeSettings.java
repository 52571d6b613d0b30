package dev.millpond.http.apache;

import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hc.core5.http.HttpResponse;

/**
 * What connections are made of and held to, beyond Apache's own configuration.
 *
 * @param limits without the socket timeout, which each connection has of its own
 */
record BridgeSettings(
        Supplier<AsyncCore> core,
        Supplier<ResponseStorage> storage,
        ResponseLimits limits,
        Predicate<HttpResponse> streaming) {}
