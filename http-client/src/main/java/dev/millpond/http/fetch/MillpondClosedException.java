package dev.millpond.http.fetch;

import org.apache.hc.client5.http.impl.ConnectionShutdownException;

/** Apache's own exception for it, with a message. */
final class MillpondClosedException extends ConnectionShutdownException {

    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
        return "millpond is closed";
    }
}
