package dev.millpond.http.fetch;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("dev.millpond.Lease")
@Label("Lease")
@Description("A wait for a place in the pool")
final class LeaseEvent extends HttpEvent {

    @Label("Reused")
    @Description("Whether there was a connection in it")
    boolean reused;

    LeaseEvent(String exchangeId, String route) {
        super(exchangeId, route);
    }
}
