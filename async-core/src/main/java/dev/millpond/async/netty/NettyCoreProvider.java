package dev.millpond.async.netty;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncCoreBuilder;
import dev.millpond.async.AsyncCoreProvider;

/** Makes cores that run on Netty. */
public final class NettyCoreProvider implements AsyncCoreProvider {

    @Override
    public AsyncCore create(AsyncCoreBuilder settings) {
        return new NettyCore(settings);
    }
}
