package dev.millpond.http.fetch;

import org.apache.hc.core5.http.NoHttpResponseException;

/** A connection that had been used before ended instead of answering: most likely it was to be closed for idling. */
final class StaleConnectionException extends NoHttpResponseException {

    private static final long serialVersionUID = 1L;

    StaleConnectionException(String target, Throwable cause) {
        super(target + " failed to respond");
        initCause(cause);
    }
}
