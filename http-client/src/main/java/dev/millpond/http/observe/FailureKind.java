package dev.millpond.http.observe;

import dev.millpond.bridge.IncompleteResponseException;
import dev.millpond.bridge.ResponseDeadlineException;
import dev.millpond.bridge.ResponseTooLargeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.impl.ConnectionShutdownException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/** Families of failures, few enough to count each of them. */
public enum FailureKind {
    /** The pool had no room in time. */
    LEASE,
    /** The name was not found. */
    LOOKUP,
    /** Refused, unreachable, or too slow to connect. */
    CONNECT,
    TLS,
    /** The connection closed before the first byte of a response. */
    NO_RESPONSE,
    /** The connection closed within a response. */
    INCOMPLETE,
    /** The response broke the protocol, or the request did. */
    PROTOCOL,
    TOO_LARGE,
    /** No byte for the socket timeout. */
    TIMEOUT,
    DEADLINE,
    /** The client was closed. */
    CLOSED,
    /** The future was completed from outside. */
    CANCELLED,
    /** Any other failure to read or write. */
    IO,
    /** What a handler or other code of the user's threw. */
    OTHER;

    /** Special types first: many of them extend others here. */
    static FailureKind of(@Nullable Throwable failure) {
        if (failure instanceof ConnectionRequestTimeoutException) {
            return LEASE;
        } else if (failure instanceof UnknownHostException) {
            return LOOKUP;
        } else if (isConnect(failure)) {
            return CONNECT;
        } else if (failure instanceof ResponseDeadlineException) {
            return DEADLINE;
        } else if (failure instanceof SocketTimeoutException) {
            return TIMEOUT;
        } else if (failure instanceof SSLException) {
            return TLS;
        } else {
            return ofExchange(failure);
        }
    }

    private static boolean isConnect(@Nullable Throwable failure) {
        return failure instanceof ConnectException
                || failure instanceof ConnectTimeoutException
                || failure instanceof NoRouteToHostException;
    }

    private static FailureKind ofExchange(@Nullable Throwable failure) {
        if (failure instanceof NoHttpResponseException) {
            return NO_RESPONSE;
        } else if (failure instanceof IncompleteResponseException) {
            return INCOMPLETE;
        } else if (failure instanceof ResponseTooLargeException) {
            return TOO_LARGE;
        } else if (failure instanceof ConnectionShutdownException) {
            return CLOSED;
        } else if (failure instanceof HttpException) {
            return PROTOCOL;
        } else {
            return failure instanceof IOException ? IO : OTHER;
        }
    }
}
