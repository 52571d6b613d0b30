package dev.millpond.http.fetch;

import dev.millpond.http.observe.EndedCall.Outcome;
import java.util.Locale;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What calls tell the log, in lines that begin with their exchange's id. Nothing that may be secret is in them: no
 * fields, no user info, no query, and no message of an exception, as other people's code may put all of that into
 * theirs.
 */
final class CallLog {

    static final Logger LOG = LoggerFactory.getLogger("dev.millpond.http.fetch");

    private CallLog() {}

    /** Scheme, host, port and path; not what follows the path, nor path parameters, which carry session ids. */
    static String target(HttpHost host, @Nullable String path) {
        if (path == null || !path.startsWith("/")) {
            return host.toURI();
        }
        int end = 0;
        while (end < path.length() && ";?#".indexOf(path.charAt(end)) < 0) {
            end++;
        }
        return host.toURI() + path.substring(0, end);
    }

    static String name(Throwable failure) {
        return failure.getClass().getName();
    }

    static void challenged(Call<?> call) {
        LOG.debug("{} challenged, sending again", call.context.getExchangeId());
    }

    static void repeated(Call<?> call, TimeValue interval) {
        LOG.debug("{} to be sent again after {}", call.context.getExchangeId(), interval);
    }

    static void redirected(Call<?> call) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} redirected to {}",
                    call.context.getExchangeId(),
                    target(call.route().getTargetHost(), call.request().getPath()));
        }
    }

    static void ended(Call<?> call, Outcome outcome, @Nullable Throwable failure) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} {} after {} ms{}",
                    call.context.getExchangeId(),
                    outcome.name().toLowerCase(Locale.ROOT),
                    call.elapsed().toMillis(),
                    failure == null ? "" : ": " + name(failure));
        }
    }
}
