package dev.millpond.http.fetch;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("dev.millpond.Connect")
@Label("Connect")
@Description("A connection on its way: look-up, connect, tunnel and TLS handshakes")
final class ConnectEvent extends HttpEvent {

    ConnectEvent(String exchangeId, String route) {
        super(exchangeId, route);
    }
}
