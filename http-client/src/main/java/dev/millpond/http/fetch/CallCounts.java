package dev.millpond.http.fetch;

import dev.millpond.http.observe.CallObserver;
import dev.millpond.http.observe.EndedCall;
import dev.millpond.http.observe.EndedCall.Outcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts calls by how they end, and tells those who want to know of each. Thread-safe. */
public final class CallCounts {

    private static final Logger LOG = LoggerFactory.getLogger(CallCounts.class);

    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final List<CallObserver> observers = new CopyOnWriteArrayList<>();

    public long succeeded() {
        return succeeded.sum();
    }

    public long failed() {
        return failed.sum();
    }

    public long cancelled() {
        return cancelled.sum();
    }

    public void add(CallObserver observer) {
        observers.add(observer);
    }

    public void remove(CallObserver observer) {
        observers.remove(observer);
    }

    void ended(Call<?> call, Outcome outcome, @Nullable Throwable failure) {
        switch (outcome) {
            case SUCCEEDED -> succeeded.increment();
            case FAILED -> failed.increment();
            case CANCELLED -> cancelled.increment();
        }
        if (!observers.isEmpty()) {
            tell(call.ended(outcome, failure));
        }
    }

    private void tell(EndedCall call) {
        for (CallObserver observer : observers) {
            try {
                observer.ended(call);
            } catch (Throwable e) {
                // Whatever it is, the future has to complete.
                LOG.warn("{} observer failed", call.exchangeId(), e);
            }
        }
    }
}
