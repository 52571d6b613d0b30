package dev.millpond.http.fetch;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What all events have in common. Stack traces are left out: no event ends where the fetch was called. */
@Category("Millpond")
@StackTrace(false)
abstract class HttpEvent extends Event {

    @Label("Exchange Id")
    @Description("Of the fetch, which all its exchanges have in common")
    final String exchangeId;

    @Label("Route")
    final String route;

    @Label("Failure")
    @Description("Name of the exception's class, or cancelled")
    @Nullable
    String failure;

    HttpEvent(String exchangeId, String route) {
        this.exchangeId = exchangeId;
        this.route = route;
    }

    void end(@Nullable String how) {
        failure = how;
        commit();
    }
}
