package dev.millpond.async;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Turns a host name into addresses, without blocking. */
@FunctionalInterface
public interface NameResolver {

    /**
     * All addresses of {@code host}, at least one; or a future failed with {@link java.net.UnknownHostException}.
     * Called on any thread; must not block.
     */
    CompletableFuture<List<InetAddress>> resolve(String host);
}
