package dev.millpond.benchmarks.peer;

import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.core5.util.Timeout;

/** Apache's classic API over Apache's asynchronous client. */
public final class ApacheFacade extends BlockingApache {

    public ApacheFacade(String url, int connections) {
        super(url, HttpAsyncClients.classic(ApacheAsync.client(connections), Timeout.ofMinutes(3)));
    }
}
