package dev.millpond.http.fetch;

import java.util.Map;
import org.apache.hc.client5.http.auth.AuthExchange;
import org.apache.hc.client5.http.impl.ExecSupport;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;

/** The context of a call that was given none: what few ask for is made when it is asked for. */
final class NewContext extends HttpClientContext {

    private boolean authenticates;

    /** Also asked for by whoever ends the call, on any thread. */
    @Override
    public synchronized String getExchangeId() {
        String id = super.getExchangeId();
        if (id == null) {
            id = ExecSupport.getNextExchangeId();
            super.setExchangeId(id);
        }
        return id;
    }

    @Override
    public synchronized void setExchangeId(String id) {
        super.setExchangeId(id);
    }

    @Override
    public Map<HttpHost, AuthExchange> getAuthExchanges() {
        authenticates = true;
        return super.getAuthExchanges();
    }

    /** Whether there may be exchanges of authentication; to ask for them makes a map. */
    static boolean authenticates(HttpClientContext context) {
        return context instanceof NewContext own
                ? own.authenticates && !own.getAuthExchanges().isEmpty()
                : !context.getAuthExchanges().isEmpty();
    }
}
