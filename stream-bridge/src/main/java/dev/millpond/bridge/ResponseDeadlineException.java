package dev.millpond.bridge;

import java.net.SocketTimeoutException;

/** A response was not complete at its deadline, however lively the connection. */
public final class ResponseDeadlineException extends SocketTimeoutException {

    private static final long serialVersionUID = 1L;

    /** With a message that says the deadline and how far the response had come. */
    public ResponseDeadlineException(String message) {
        super(message);
    }
}
