package dev.millpond.http.connect;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.message.StatusLine;

/** A proxy made no tunnel. As in Apache's client, what it said instead is the response to the request. */
public final class TunnelRefusedException extends HttpException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    private final transient ClassicHttpResponse response;

    TunnelRefusedException(ClassicHttpResponse response) {
        super("tunnel refused by the proxy: " + new StatusLine(response));
        this.response = response;
    }

    /** The proxy's, complete. */
    public ClassicHttpResponse response() {
        return response;
    }
}
