package dev.millpond.http.message;

import dev.millpond.bridge.MalformedResponseException;
import dev.millpond.bridge.NoResponseException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;

/** Failures in the types that callers of Apache's client know. */
public final class Failures {

    private Failures() {}

    /** Of an attempt to connect. */
    public static Throwable ofConnect(Throwable failure, HttpHost target) {
        String message = "connect to " + target.toHostString() + " failed: " + failure.getMessage();
        if (failure instanceof SocketTimeoutException) {
            return caused(new ConnectTimeoutException(message, target), failure);
        }
        if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
            return caused(new HttpHostConnectException(message, target), failure);
        }
        return failure;
    }

    /** Of an exchange on a connection. */
    public static Throwable ofExchange(Throwable failure, String target) {
        if (failure instanceof NoResponseException) {
            return caused(new NoHttpResponseException(target + " failed to respond"), failure);
        }
        if (failure instanceof MalformedResponseException) {
            return new ProtocolException(failure.getMessage(), failure);
        }
        return failure;
    }

    private static IOException caused(IOException known, Throwable cause) {
        known.initCause(cause);
        return known;
    }
}
