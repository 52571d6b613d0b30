package dev.millpond.http.fetch;

import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * One concern of the chain that a request goes through, outermost first, and its response or failure comes back
 * through, innermost first. A stage that has a call send again does so from itself inwards: those outside of it know of
 * one request only. Stages have no state of their own: what there is to remember is the call's, or its context's.
 */
interface Stage {

    /** Before the request goes out. */
    default void prepare(Call<?> call, ClassicHttpRequest request) throws HttpException, IOException {}

    /**
     * Looks at a response, which it may change.
     *
     * @return whether to send again what the call has been told to send, rather than to hand the response on
     */
    default boolean sendsAgain(Call<?> call, ClassicHttpResponse response) throws HttpException, IOException {
        return false;
    }

    /** The same where there is no response. */
    default boolean sendsAgain(Call<?> call, IOException failure) {
        return false;
    }
}
