package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.RetainedBytes;
import dev.millpond.async.SocketListener;
import dev.millpond.async.TlsOptions;
import dev.millpond.async.TlsTruncationException;
import dev.millpond.async.netty.Outbox.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A connection over one Netty channel. What arrives goes through its {@link SocketHandler}. */
final class NettySocket implements AsyncSocket, Awaited {

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    final DuplexChannel channel;
    final SocketHandler handler = new SocketHandler(this);
    private final EventLoop loop;
    private final Counters counters;
    private final Timers timers;
    private final Callbacks callbacks;
    private final Executor fileReaders;
    private final Outbox outbox;
    private final Backlog backlog = new Backlog();
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    private volatile boolean reading;
    private volatile @Nullable SSLSession session;
    private volatile @Nullable String applicationProtocol;

    // Touched by the event loop alone.
    @Nullable
    SslHandler tls;

    @Nullable
    Operation<Void> shutdown;

    boolean inputEnded;

    @Nullable
    Timeouts timeouts;

    private @Nullable IOException failure;
    private boolean resetSeen;
    private boolean patient;

    /** Wraps a connected channel, on its event loop. */
    NettySocket(DuplexChannel channel, Counters counters, Timers timers, Callbacks callbacks, Executor fileReaders) {
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.counters = counters;
        this.timers = timers;
        this.callbacks = callbacks;
        this.fileReaders = fileReaders;
        this.outbox = new Outbox(channel);
        this.localAddress = Addresses.ofJdk(channel.localAddress());
        this.remoteAddress = Addresses.ofJdk(channel.remoteAddress());
        // With a name, or Netty would make one up.
        channel.pipeline().addLast("socket", handler);
    }

    Counters counters() {
        return counters;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    /** Bytes that wait to be sent. */
    long pendingBytes() {
        return backlog.bytes();
    }

    /** Writes that wait to be sent, in part or whole. */
    long pendingWrites() {
        return backlog.writes();
    }

    boolean reading() {
        return reading;
    }

    @Override
    public void listener(SocketListener listener) {
        onLoop(() -> handler.listener(listener));
    }

    @Override
    public CompletableFuture<Void> write(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (!isOpen()) {
            return CompletableFuture.failedFuture(Failures.closed());
        }
        counters.bytesWritten.add(count);
        backlog.add(count);
        return outbox.submit(new Write(this, bytes, count));
    }

    @Override
    public CompletableFuture<Void> write(FileChannel file, long position, long count) {
        if (position < 0 || count < 0 || position + count < 0) {
            throw new IllegalArgumentException(
                    "position and count: expected a part of a file, got " + position + " and " + count);
        }
        if (!isOpen()) {
            return CompletableFuture.failedFuture(Failures.closed());
        }
        counters.bytesWritten.add(count);
        backlog.add(count);
        return outbox.submit(new WriteFile(this, outbox, fileReaders, file, position, count));
    }

    /** Memory that the system can read, for so many bytes. On the event loop. */
    ByteBuf toSend(int count) {
        ByteBufAllocator allocator = channel.alloc();
        return loop instanceof LeaderLoop led ? led.sent.take(count, allocator) : allocator.directBuffer(count);
    }

    /** So many bytes are about to be handed to Netty. On the event loop. */
    void sending(int count) {
        submitted.addAndGet(count);
        if (timeouts != null) {
            timeouts.writing();
        }
    }

    /** What was handed to Netty is sent, or has failed. On the event loop. */
    void sent() {
        if (timeouts != null) {
            timeouts.written();
        }
    }

    /** What waits in Netty includes what TLS adds to it, but no pieces of files: these count once more as they go. */
    @Override
    public long sendProgress() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long waiting = buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
        return submitted.get() - waiting;
    }

    @Override
    public boolean allSent() {
        return backlog.isEmpty();
    }

    @Override
    public boolean writable() {
        return !backlog.full();
    }

    @Override
    public @Nullable RetainedBytes retain(ByteBuffer bytes) {
        return counters.retention.retain(handler.delivered(), bytes);
    }

    @Override
    public void pause() {
        reading = false;
        onLoop(this::applyReading);
    }

    @Override
    public void resume() {
        reading = true;
        onLoop(this::applyReading);
    }

    private void applyReading() {
        if (reading) {
            handler.deliver();
        }
        if (timeouts != null) {
            timeouts.reading(reading);
        }
        if (channel.isActive() && !inputEnded && state.get() != State.CLOSING) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void timeouts(Duration read, Duration write) {
        if (read.isNegative() || write.isNegative()) {
            throw new IllegalArgumentException("timeouts: expected zero or more, got " + read + " and " + write);
        }
        onLoop(() -> setTimeouts(read, write));
    }

    private void setTimeouts(Duration read, Duration write) {
        if (timeouts != null) {
            timeouts.cancel();
            timeouts = null;
        }
        if (!read.isZero() || !write.isZero()) {
            Timeouts limits = new Timeouts(this, read, write);
            timeouts = limits;
            limits.reading(reading);
        }
    }

    @Override
    public CompletableFuture<SSLSession> startTls(TlsOptions options) {
        return outbox.submit(new StartTls(this, options));
    }

    @Override
    public @Nullable SSLSession tlsSession() {
        return session;
    }

    @Override
    public @Nullable String applicationProtocol() {
        return applicationProtocol;
    }

    void secured(SSLSession negotiated, @Nullable String protocol) {
        session = negotiated;
        applicationProtocol = protocol;
    }

    @Override
    public CompletableFuture<Void> shutdownOutput() {
        return outbox.submit(new Shutdown(this));
    }

    @Override
    public void close() {
        if (state.compareAndSet(State.OPEN, State.CLOSING)) {
            Close last = new Close(this);
            outbox.submit(last);
            // A file may hold the outbox for long.
            onLoop(last::begin);
        }
    }

    @Override
    public void abort() {
        if (state.getAndSet(State.CLOSED) != State.CLOSED) {
            onLoop(this::reset);
        }
    }

    @Override
    public boolean isOpen() {
        return state.get() == State.OPEN;
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed.copy();
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        enqueue(() -> run(task));
    }

    @Override
    public void executeHere(Runnable task) {
        if (!(loop instanceof LeaderLoop led)) {
            execute(task);
            return;
        }
        try {
            led.executeHere(this, () -> run(task));
        } catch (RejectedExecutionException coreClosed) {
            // As documented: after the core has closed, never.
        }
    }

    @Override
    public boolean comesBack() {
        return loop instanceof LeaderLoop led && led.comesBack();
    }

    @Override
    public boolean lead(BooleanSupplier over, long nanos) {
        return loop instanceof LeaderLoop led && led.lead(this, over, nanos);
    }

    @Override
    public void catchUp() {
        if (loop instanceof LeaderLoop led) {
            led.catchUp();
        }
    }

    @Override
    public void patient(boolean on) {
        if (on != patient && loop instanceof LeaderLoop led) {
            patient = on;
            led.patient(on);
        }
    }

    /** It is done with where nobody waits for it; where something is left to send, somebody has to see to it. */
    @Override
    public int cared() {
        return !patient && isOpen() && allSent() ? 1 : 0;
    }

    @Override
    public long absence() {
        return LeaderLoop.PAUSE;
    }

    private void enqueue(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException coreClosed) {
            // As documented: after the core has closed, never.
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            handler.listenerThrew(thrown);
        }
    }

    @Override
    public Cancellable delay(Duration delay, Runnable task) {
        return timers.delay(loop, delay, () -> run(task));
    }

    /** The peer's FIN. */
    void inputEnded() {
        inputEnded = true;
        channel.config().setAutoRead(false);
        SslHandler secured = tls;
        if (secured != null && !secured.handshakeFuture().isDone()) {
            fail(new SSLHandshakeException("connection closed by peer during the tls handshake"));
        } else if (secured != null && !handler.ended()) {
            fail(new TlsTruncationException());
        } else if (resetSeen && !handler.ended()) {
            fail(Failures.reset(null));
        } else {
            handler.end();
            closeIfOver();
        }
    }

    /** Closes once both sides have ended. */
    void closeIfOver() {
        if (inputEnded && shutdown != null && shutdown.isDone()) {
            state.set(State.CLOSED);
            closeChannel();
        }
    }

    /** To be called once the core knows no more of this socket, so that its stats don't either. */
    void forgotten() {
        patient(false);
        closed.complete(null);
    }

    /** The channel was closed. */
    void inactive() {
        if (timeouts != null) {
            timeouts.cancel();
        }
        if (channel instanceof NioDomainSocketChannel && state.compareAndSet(State.OPEN, State.CLOSED)) {
            // Netty doesn't half-close these: so this is how the peer's end looks.
            handler.end();
        } else if (state.get() == State.OPEN) {
            fail(new SocketException("connection closed"));
        }
    }

    /**
     * Closes, and tells the listener why, unless this side has closed already; returns whether it is told. On the event
     * loop.
     */
    boolean fail(IOException cause) {
        return fail(cause, this::closeChannel);
    }

    /** As {@link #fail}, but closes a turn later: the alert that tells the peer why is still to be sent. */
    void handshakeFailed(IOException cause) {
        fail(cause, () -> enqueue(this::closeChannel));
    }

    private boolean fail(IOException cause, Runnable close) {
        boolean told = state.getAndSet(State.CLOSED) == State.OPEN;
        if (told) {
            failure = cause;
        }
        close.run();
        if (told) {
            handler.failed(cause);
        }
        return told;
    }

    /** As {@link #fail}, from any thread, and what has arrived but was not delivered is dropped. */
    void kill(IOException cause) {
        onLoop(() -> {
            if (isOpen()) {
                handler.discard();
            }
            lingerNot();
            fail(cause);
        });
    }

    void reset() {
        handler.silence();
        lingerNot();
        closeChannel();
    }

    void lingerNot() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException alreadyClosed) {
            // Then there is nothing left to reset.
        }
    }

    /** Past the TLS handler, which would send a close_notify and wait for it. */
    void closeChannel() {
        if (channel.isOpen()) {
            channel.pipeline().firstContext().close();
        }
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            enqueue(task);
        }
    }

    /**
     * The system reports a reset once: here, if a write met it, and then what is left to read seems to end in good
     * order.
     */
    IOException writeFailure(Throwable thrown) {
        Throwable cause = Failures.unwrapped(thrown);
        resetSeen |= Failures.isReset(cause);
        return failureOr(Failures.ofStream(cause));
    }

    /** Why the socket was closed, or {@code cause} if nothing is known to have come before it. */
    IOException failureOr(IOException cause) {
        IOException known = failure;
        return known != null ? known : cause;
    }

    /** A part of a write is over that goes on; returns whether that made room. */
    boolean wrotePart(long count) {
        return backlog.removePart(count);
    }

    /** A write is over, with its last so many bytes; returns whether that made room. */
    boolean wrote(long count) {
        return backlog.remove(count);
    }
}
