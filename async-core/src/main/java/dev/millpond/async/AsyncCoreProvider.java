package dev.millpond.async;

/**
 * Makes the {@link AsyncCore} behind {@link AsyncCoreBuilder#build()}. Found by {@link java.util.ServiceLoader}, so
 * that this package does not depend on its own implementation.
 */
public interface AsyncCoreProvider {
    AsyncCore create(AsyncCoreBuilder settings);
}
