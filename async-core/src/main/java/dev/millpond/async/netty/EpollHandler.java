package dev.millpond.async.netty;

import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll, which keeps a descriptor in epoll for as long as its channel is open.
 *
 * <p>Netty 4.2.13 to 4.2.18 at least take it out once no event is of interest, which is so when the peer has ended, but
 * ask to modify it, not to add it, when something is of interest again: ENOENT, and a write that the socket did not
 * take at once is lost.
 */
final class EpollHandler implements IoHandler {

    /**
     * How many sockets are gone through in one turn of the event loop. What they bring is answered after the turn: with
     * more of them, the first are no longer in the processor's cache by then.
     */
    private static final int MOST_EVENTS = 256;

    private final IoHandler netty;
    private final LeaderLoop loop;

    private EpollHandler(IoHandler netty, LeaderLoop loop) {
        this.netty = netty;
        this.loop = loop;
    }

    /** For {@link LeaderLoop}s. */
    static IoHandlerFactory newFactory() {
        IoHandlerFactory netty = EpollIoHandler.newFactory(MOST_EVENTS, DefaultSelectStrategyFactory.INSTANCE);
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new EpollHandler(netty.newHandler(executor), (LeaderLoop) executor);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return netty.isChangingThreadSupported();
            }
        };
    }

    @Override
    public void initialize() {
        netty.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return netty.run(context);
    }

    @Override
    public void prepareToDestroy() {
        netty.prepareToDestroy();
    }

    @Override
    public void destroy() {
        netty.destroy();
        loop.releaseMemory();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(netty.register(handle));
    }

    @Override
    public void wakeup() {
        if (loop.need()) {
            netty.wakeup();
        }
    }

    /** Whoever leads is to look whether it has to wait any longer. */
    void endWait() {
        netty.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return netty.isCompatible(handleType);
    }

    private record Registration(IoRegistration netty) implements IoRegistration {

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
        public <T> T attachment() {
            return netty.attachment();
        }

        /**
         * Edge-triggered and nothing else in place of nothing: then epoll tells of an error once, not again and again,
         * which is what Netty takes the descriptor out for.
         */
        @Override
        public long submit(IoOps ops) {
            return netty.submit(EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLET : ops);
        }

        @Override
        public boolean isValid() {
            return netty.isValid();
        }

        @Override
        public boolean cancel() {
            return netty.cancel();
        }
    }
}
