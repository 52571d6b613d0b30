package dev.millpond.http.fetch;

import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.http.connect.ConnectSettings;
import dev.millpond.http.connect.Routes;
import java.util.concurrent.Executor;
import org.apache.hc.client5.http.UserTokenHandler;

/**
 * What a {@link Fetcher} needs to know.
 *
 * @param callbackExecutor where user code runs: handlers, and whatever depends on a future
 * @param userTokens asked on an event loop whose a connection is
 */
public record FetchSettings(
        Executor callbackExecutor,
        int maxConnectionsTotal,
        int maxConnectionsPerRoute,
        ResponseLimits limits,
        ResponseStorage storage,
        Routes routes,
        ConnectSettings connect,
        UserTokenHandler userTokens,
        Chain chain) {}
