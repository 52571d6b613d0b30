package dev.millpond.http.fetch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("dev.millpond.Exchange")
@Label("Exchange")
@Description("A request exchanged for a response, lease and connect included; a fetch has one or more of them")
final class ExchangeEvent extends HttpEvent {

    @Label("Method")
    final String method;

    @Label("Target")
    @Description("Without user info and query")
    final String target;

    @Label("Status")
    @Description("0 if there was no response")
    int status;

    @Label("Response Bytes")
    @Description(
            "Head and body, on the wire; 0 if there was no response, or it came from a proxy that refused a tunnel")
    @DataAmount
    long bytes;

    ExchangeEvent(String exchangeId, String route, String method, String target) {
        super(exchangeId, route);
        this.method = method;
        this.target = target;
    }
}
