package dev.millpond.http.fetch;

import dev.millpond.bridge.GuardedFuture;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch promises. Whoever completes it ends the call, and a thread that is interrupted while it waits for it
 * gives it up.
 */
final class FetchFuture<T> extends GuardedFuture<T> {

    /** Null once this is done: it may be kept for long. */
    private volatile @Nullable Call<T> call;

    FetchFuture(Call<T> call) {
        this.call = call;
    }

    @Override
    public boolean complete(T value) {
        return done(super.complete(value), null);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return done(super.completeExceptionally(failure), failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        return done(cancelled, cancelled ? new CancellationException() : null);
    }

    private boolean done(boolean now, @Nullable Throwable failure) {
        Call<T> ended = call;
        call = null;
        if (now && ended != null) {
            ended.abandoned(failure);
        }
        return now;
    }

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
