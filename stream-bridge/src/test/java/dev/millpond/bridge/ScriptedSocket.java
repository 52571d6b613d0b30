package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.RetainedBytes;
import dev.millpond.async.SocketListener;
import dev.millpond.async.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A socket whose peer, and whose clock, are the test. Everything happens on the test's own thread. */
final class ScriptedSocket implements AsyncSocket {

    private record Timer(long due, Runnable task) {}

    final List<String> written = new ArrayList<>();
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    boolean reading;
    boolean aborted;
    boolean holdWrites;

    /** Whether what is received is retained, and how much of it is now. */
    boolean retains;

    final AtomicInteger retained = new AtomicInteger();
    int timersSet;
    long sendProgress;

    /** Tasks for the event loop, for a test to run; null where they run at once. */
    volatile @Nullable BlockingQueue<Runnable> heldTasks;

    private final List<CompletableFuture<Void>> heldWrites = new ArrayList<>();
    private final List<Timer> timers = new ArrayList<>();
    private @Nullable SocketListener listener;
    private boolean open = true;
    private long now = Long.MAX_VALUE - 1000; // so that the clock overflows, as System.nanoTime() may

    long nanoTime() {
        return now;
    }

    void advance(Duration time) {
        long end = now + time.toNanos();
        for (Timer next = next(end); next != null; next = next(end)) {
            timers.remove(next);
            now = next.due;
            next.task.run();
        }
        now = end;
    }

    private @Nullable Timer next(long end) {
        Timer first = null;
        for (Timer timer : timers) {
            if (timer.due - end <= 0 && (first == null || timer.due - first.due < 0)) {
                first = timer;
            }
        }
        return first;
    }

    int pendingTimers() {
        return timers.size();
    }

    void receive(String bytes) {
        receive(bytes.getBytes(ISO_8859_1));
    }

    void receive(byte[] bytes) {
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        listener().onBytes(direct.asReadOnlyBuffer());
    }

    void end() {
        listener().onEnd();
    }

    void fail(IOException cause) {
        open = false;
        listener().onFailure(cause);
    }

    synchronized void finishWrites() {
        List<CompletableFuture<Void>> held = List.copyOf(heldWrites);
        heldWrites.clear();
        held.forEach(write -> write.complete(null));
    }

    synchronized void failWrites(IOException cause) {
        List<CompletableFuture<Void>> held = List.copyOf(heldWrites);
        heldWrites.clear();
        held.forEach(write -> write.completeExceptionally(cause));
    }

    private SocketListener listener() {
        if (listener == null) {
            throw new IllegalStateException("no listener");
        }
        return listener;
    }

    @Override
    public void listener(SocketListener newListener) {
        listener = newListener;
    }

    @Override
    public synchronized CompletableFuture<Void> write(ByteBuffer bytes) {
        if (!open) {
            return CompletableFuture.failedFuture(new SocketException("socket closed"));
        }
        written.add(ISO_8859_1.decode(bytes).toString());
        if (holdWrites) {
            CompletableFuture<Void> held = new CompletableFuture<>();
            heldWrites.add(held);
            return held;
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> write(FileChannel file, long position, long count) {
        return write(ByteBuffer.wrap((count + " bytes of a file from " + position + " on").getBytes(ISO_8859_1)));
    }

    @Override
    public long sendProgress() {
        return sendProgress;
    }

    @Override
    public synchronized boolean allSent() {
        return heldWrites.isEmpty();
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public @Nullable RetainedBytes retain(ByteBuffer bytes) {
        if (!retains) {
            return null;
        }
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate());
        retained.incrementAndGet();
        return new RetainedBytes() {

            private boolean released;

            @Override
            public ByteBuffer buffer() {
                return memory.duplicate().flip();
            }

            @Override
            public void release() {
                retained.addAndGet(released ? 0 : -1);
                released = true;
                // Another's from now on.
                memory.clear();
                while (memory.hasRemaining()) {
                    memory.put((byte) '?');
                }
            }
        };
    }

    @Override
    public void pause() {
        reading = false;
    }

    @Override
    public void resume() {
        reading = true;
    }

    @Override
    public void timeouts(Duration read, Duration write) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<SSLSession> startTls(TlsOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable SSLSession tlsSession() {
        return null;
    }

    @Override
    public @Nullable String applicationProtocol() {
        return null;
    }

    @Override
    public CompletableFuture<Void> shutdownOutput() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        open = false;
        closed.complete(null);
    }

    @Override
    public void abort() {
        aborted = true;
        close();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed;
    }

    @Override
    public SocketAddress localAddress() {
        return InetSocketAddress.createUnresolved("localhost", 1);
    }

    @Override
    public SocketAddress remoteAddress() {
        return InetSocketAddress.createUnresolved("localhost", 2);
    }

    @Override
    public boolean inEventLoop() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        BlockingQueue<Runnable> held = heldTasks;
        if (held == null) {
            task.run();
        } else {
            held.add(task);
        }
    }

    @Override
    public Cancellable delay(Duration delay, Runnable task) {
        Timer timer = new Timer(now + delay.toNanos(), task);
        timersSet++;
        timers.add(timer);
        return () -> timers.remove(timer);
    }
}
