package dev.millpond.bridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that an event loop can't wait for: {@link #get} and {@link #join} throw {@link IllegalStateException} there
 * while it isn't done, instead of a deadlock. What is derived from it is guarded too.
 */
public class GuardedFuture<T> extends CompletableFuture<T> {

    @Override
    public T get() throws InterruptedException, ExecutionException {
        guard();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        guard();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        guard();
        return super.join();
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new GuardedFuture<>();
    }

    private void guard() {
        if (!isDone()) {
            LoopGuard.beforeWaiting();
        }
    }
}
