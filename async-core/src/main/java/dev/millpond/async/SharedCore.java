package dev.millpond.async;

import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A handle on the core of the process. The last one to be closed closes it; the next one after that makes another. */
final class SharedCore implements AsyncCore {

    private static final Object LOCK = new Object();

    /** Guarded by {@link #LOCK}, like {@link #handles}. */
    private static @Nullable AsyncCore current;

    private static int handles;

    private final AsyncCore core;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SharedCore(AsyncCore core) {
        this.core = core;
    }

    static AsyncCore open() {
        synchronized (LOCK) {
            AsyncCore core = current;
            if (core == null) {
                core = AsyncCore.create();
                current = core;
            }
            handles++;
            return new SharedCore(core);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && wasLast()) {
            // Not under the lock: this waits for the loops.
            core.close();
        }
    }

    private static boolean wasLast() {
        synchronized (LOCK) {
            handles--;
            if (handles == 0) {
                current = null;
            }
            return handles == 0;
        }
    }

    private static <T> CompletableFuture<T> failed() {
        return CompletableFuture.failedFuture(closedFailure());
    }

    private static SocketException closedFailure() {
        return new SocketException("async core closed");
    }

    @Override
    public CompletableFuture<AsyncSocket> connect(ConnectOptions options) {
        return closed.get() ? failed() : core.connect(options);
    }

    @Override
    public Cancellable connect(ConnectOptions options, BiConsumer<@Nullable AsyncSocket, @Nullable Throwable> onEnd) {
        if (closed.get()) {
            onEnd.accept(null, closedFailure());
            return () -> {};
        }
        return core.connect(options, onEnd);
    }

    @Override
    public CompletableFuture<AsyncServer> listen(ListenOptions options, Consumer<AsyncSocket> onAccept) {
        return closed.get() ? failed() : core.listen(options, onAccept);
    }

    @Override
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        return closed.get() ? failed() : core.resolve(host);
    }

    @Override
    public CompletableFuture<String> resolveReverse(InetAddress address) {
        return closed.get() ? failed() : core.resolveReverse(address);
    }

    @Override
    public void execute(Runnable task) {
        if (!closed.get()) {
            core.execute(task);
        }
    }

    @Override
    public Cancellable delay(Duration delay, Runnable task) {
        return closed.get() ? () -> {} : core.delay(delay, task);
    }

    @Override
    public Cancellable interval(Duration period, Runnable task) {
        return closed.get() ? () -> {} : core.interval(period, task);
    }

    @Override
    public Notifier notifier(Runnable task) {
        return closed.get() ? () -> {} : core.notifier(task);
    }

    @Override
    public CoreStats stats() {
        return core.stats();
    }

    @Override
    public void onClose(Runnable action) {
        core.onClose(action);
    }
}
