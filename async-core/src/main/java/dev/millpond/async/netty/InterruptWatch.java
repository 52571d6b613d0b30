package dev.millpond.async.netty;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a thread is interrupted which is blocked in native code. It selects nothing: a selector is where the JDK
 * says so in public.
 */
final class InterruptWatch extends AbstractSelector {

    private final Runnable interrupted;

    /** @param interrupted called by the thread that interrupts, or by the interrupted one itself */
    InterruptWatch(Runnable interrupted) {
        super(SelectorProvider.provider());
        this.interrupted = interrupted;
    }

    /** The calling thread is watched, until {@link #stop}. */
    void start() {
        begin();
    }

    void stop() {
        end();
    }

    @Override
    public Selector wakeup() {
        interrupted.run();
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, @Nullable Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int select() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() throws IOException {
        throw new UnsupportedOperationException();
    }
}
