package dev.millpond.http.fetch;

import dev.millpond.bridge.GuardedFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a fetch promises. A thread that is interrupted while it waits for it gives it up. */
final class FetchFuture<T> extends GuardedFuture<T> {

    @Override
    public T get() throws InterruptedException, ExecutionException {
        try {
            return super.get();
        } catch (InterruptedException e) {
            cancel(true);
            throw e;
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return super.get(timeout, unit);
        } catch (InterruptedException e) {
            cancel(true);
            throw e;
        }
    }
}
