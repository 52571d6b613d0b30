package dev.millpond.http.fetch;

import java.io.IOException;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.util.TimeValue;

/**
 * Sends again what its strategy thinks worth it, after the strategy's interval; at once where nothing but an idle
 * connection had gone stale. Each redirect has a count of its own.
 */
final class RetryStage implements Stage {

    private final HttpRequestRetryStrategy strategy;

    RetryStage(HttpRequestRetryStrategy strategy) {
        this.strategy = strategy;
    }

    @Override
    public boolean sendsAgain(Call<?> call, ClassicHttpResponse response) {
        int count = call.executions();
        if (!call.repeatable() || !strategy.retryRequest(response, count, call.context)) {
            return false;
        }
        call.repeat(strategy.getRetryInterval(response, count, call.context));
        return true;
    }

    @Override
    public boolean sendsAgain(Call<?> call, IOException failure) {
        int count = call.executions();
        if (!call.repeatable() || !strategy.retryRequest(call.request(), failure, count, call.context)) {
            return false;
        }
        call.repeat(
                failure instanceof StaleConnectionException
                        ? TimeValue.ZERO_MILLISECONDS
                        : strategy.getRetryInterval(call.request(), failure, count, call.context));
        return true;
    }
}
