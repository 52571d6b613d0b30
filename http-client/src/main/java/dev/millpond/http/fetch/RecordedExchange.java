package dev.millpond.http.fetch;

import org.apache.hc.client5.http.HttpRoute;
import org.jspecify.annotations.Nullable;

/**
 * An exchange as the log and the flight recorder have it. The monitor orders the end, which may come at any moment,
 * against the steps: what is going on then ends with it, once.
 */
final class RecordedExchange implements ExchangeTrace {

    /** To ask whether somebody records events, without making one. */
    private static final HttpEvent[] EVENTS = {
        new ExchangeEvent("", "", "", ""), new LeaseEvent("", ""), new ConnectEvent("", "")
    };

    private final String id;
    private final String route;
    private final ExchangeEvent exchange;
    private @Nullable LeaseEvent lease;
    private @Nullable ConnectEvent connect;

    RecordedExchange(Call<?> call, HttpRoute route) {
        this.id = call.context.getExchangeId();
        this.route = route.toString();
        this.exchange = new ExchangeEvent(
                id,
                this.route,
                call.request().getMethod(),
                CallLog.target(route.getTargetHost(), call.request().getPath()));
    }

    /** Whether the flight recorder does. */
    static boolean isWanted() {
        for (HttpEvent event : EVENTS) {
            if (event.isEnabled()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void leasing() {
        exchange.begin();
        lease = new LeaseEvent(id, route);
        lease.begin();
        CallLog.LOG.debug("{} {} {}, route {}", id, exchange.method, exchange.target, route);
    }

    @Override
    public synchronized void leased(boolean reused) {
        if (lease != null) {
            lease.reused = reused;
            lease.end(null);
            lease = null;
            CallLog.LOG.debug("{} leased, {}", id, reused ? "with a connection to reuse" : "without a connection");
        }
    }

    @Override
    public synchronized void connecting() {
        connect = new ConnectEvent(id, route);
        connect.begin();
        CallLog.LOG.debug("{} connecting", id);
    }

    @Override
    public synchronized void connected(@Nullable Throwable failure) {
        if (connect != null) {
            connect.end(failure == null ? null : CallLog.name(failure));
            connect = null;
            CallLog.LOG.debug("{} {}", id, failure == null ? "connected" : "not connected: " + CallLog.name(failure));
        }
    }

    @Override
    public synchronized void received(int status, long bytes) {
        exchange.status = status;
        exchange.bytes = bytes;
        CallLog.LOG.debug("{} received {}, {} bytes", id, status, bytes);
    }

    @Override
    public void succeeded(boolean kept) {
        end(null);
        CallLog.LOG.debug("{} connection {}", id, kept ? "kept" : "not kept");
    }

    @Override
    public void failed(Throwable failure) {
        end(CallLog.name(failure));
        CallLog.LOG.debug("{} exchange failed: {}", id, CallLog.name(failure));
    }

    @Override
    public void cancelled() {
        end("cancelled");
        CallLog.LOG.debug("{} exchange cancelled", id);
    }

    private synchronized void end(@Nullable String failure) {
        if (lease != null) {
            lease.end(failure);
            lease = null;
        }
        if (connect != null) {
            connect.end(failure);
            connect = null;
        }
        exchange.end(failure);
    }
}
