package dev.millpond.async.netty;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.SocketListener;
import dev.millpond.async.TlsOptions;
import dev.millpond.async.TlsTruncationException;
import dev.millpond.async.netty.Outbox.Operation;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A connection over one Netty channel. What arrives goes through its {@link SocketHandler}. */
final class NettySocket implements AsyncSocket {

    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);
    private static final Duration LINGER_LIMIT = Duration.ofSeconds(1);

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final DuplexChannel channel;
    private final EventLoop loop;
    private final Counters counters;
    private final SocketHandler handler = new SocketHandler(this);
    private final Outbox outbox;
    private final Backlog backlog = new Backlog();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    private volatile boolean reading;
    private volatile @Nullable SSLSession session;

    // Touched by the event loop alone.
    private @Nullable SslHandler tls;
    private @Nullable Operation<Void> shutdown;
    private @Nullable IOException failure;
    private boolean inputEnded;
    private boolean resetSeen;

    /** Wraps a connected channel, on its event loop. */
    NettySocket(DuplexChannel channel, Counters counters) {
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.counters = counters;
        this.outbox = new Outbox(channel);
        this.localAddress = Addresses.ofJdk(channel.localAddress());
        this.remoteAddress = Addresses.ofJdk(channel.remoteAddress());
        counters.open.increment();
        channel.closeFuture().addListener(done -> {
            counters.open.decrement();
            closed.complete(null);
        });
        channel.pipeline().addLast(handler);
    }

    Counters counters() {
        return counters;
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
        return outbox.submit(new Write(bytes, count));
    }

    @Override
    public boolean writable() {
        return !backlog.full();
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
        if (channel.isActive() && !inputEnded && state.get() != State.CLOSING) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public CompletableFuture<SSLSession> startTls(TlsOptions options) {
        return outbox.submit(new StartTls(options));
    }

    @Override
    public @Nullable SSLSession tlsSession() {
        return session;
    }

    @Override
    public CompletableFuture<Void> shutdownOutput() {
        return outbox.submit(new Shutdown());
    }

    @Override
    public void close() {
        if (state.compareAndSet(State.OPEN, State.CLOSING)) {
            outbox.submit(new Close());
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
        try {
            loop.execute(task);
        } catch (RejectedExecutionException coreClosed) {
            // As documented: after the core has closed, never.
        }
    }

    @Override
    public Cancellable delay(Duration delay, Runnable task) {
        return Timers.delay(loop, delay, task);
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

    private void closeIfOver() {
        if (inputEnded && shutdown != null && shutdown.isDone()) {
            state.set(State.CLOSED);
            closeChannel();
        }
    }

    /** The channel was closed. */
    void inactive() {
        if (channel instanceof NioDomainSocketChannel && state.compareAndSet(State.OPEN, State.CLOSED)) {
            // Netty doesn't half-close these: so this is how the peer's end looks.
            handler.end();
        } else if (state.get() == State.OPEN) {
            fail(new SocketException("connection closed"));
        }
    }

    /** Closes, and tells the listener why, unless this side has closed already. On the event loop. */
    void fail(IOException cause) {
        boolean told = state.getAndSet(State.CLOSED) == State.OPEN;
        if (told) {
            failure = cause;
        }
        closeChannel();
        if (told) {
            handler.failed(cause);
        }
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

    private void reset() {
        handler.silence();
        lingerNot();
        closeChannel();
    }

    private void lingerNot() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException alreadyClosed) {
            // Then there is nothing left to reset.
        }
    }

    /** Past the TLS handler, which would send a close_notify and wait for it. */
    private void closeChannel() {
        if (channel.isOpen()) {
            channel.pipeline().firstContext().close();
        }
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    private final class Write extends Operation<Void> implements ChannelFutureListener {

        private final ByteBuffer bytes;
        private final int count;

        Write(ByteBuffer bytes, int count) {
            this.bytes = bytes;
            this.count = count;
        }

        @Override
        void perform() {
            if (shutdown != null) {
                finished(new SocketException("output shut down"));
            } else {
                channel.write(Unpooled.wrappedBuffer(bytes)).addListener(this);
            }
        }

        @Override
        public void operationComplete(ChannelFuture written) {
            Throwable cause = written.cause();
            finished(cause == null ? null : writeFailure(cause));
        }

        private void finished(@Nullable IOException cause) {
            boolean madeRoom = backlog.remove(count);
            if (cause == null) {
                complete(null);
            } else {
                completeExceptionally(cause);
            }
            if (madeRoom) {
                handler.writable();
            }
        }
    }

    /**
     * The system reports a reset once: here, if a write met it, and then what is left to read seems to end in good
     * order.
     */
    private IOException writeFailure(Throwable thrown) {
        Throwable cause = Failures.unwrapped(thrown);
        resetSeen |= Failures.isReset(cause);
        IOException known = failure;
        return known != null ? known : Failures.ofStream(cause);
    }

    private final class Shutdown extends Operation<Void> {

        @Override
        void perform() {
            Operation<Void> before = shutdown;
            if (before != null) {
                before.whenComplete((done, cause) -> settle(cause));
                return;
            }
            shutdown = this;
            // An empty write is done when all that were made before it are.
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(then(this::closeNotify));
        }

        private void closeNotify() {
            SslHandler secured = tls;
            if (secured == null) {
                fin();
            } else {
                secured.closeOutbound().addListener(then(this::fin));
            }
        }

        private void fin() {
            channel.shutdownOutput().addListener(then(() -> settle(null)));
        }

        private ChannelFutureListener then(Runnable next) {
            return before -> {
                Throwable cause = before.cause();
                if (cause == null) {
                    next.run();
                } else {
                    settle(writeFailure(cause));
                }
            };
        }

        private void settle(@Nullable Throwable cause) {
            if (cause == null) {
                complete(null);
            } else {
                completeExceptionally(cause);
            }
            closeIfOver();
        }
    }

    /**
     * Flush, FIN, and then the peer's FIN: a descriptor closed while bytes of the peer arrive would send a reset, and
     * that may overtake what was sent.
     */
    private final class Close extends Operation<Void> {

        @Override
        void perform() {
            handler.silence();
            SslHandler secured = tls;
            if (secured != null && !secured.handshakeFuture().isDone()) {
                closeChannel();
                return;
            }
            Cancellable limit = delay(FLUSH_LIMIT, NettySocket.this::reset);
            Shutdown last = new Shutdown();
            last.whenComplete((done, cause) -> {
                limit.cancel();
                linger(cause == null);
            });
            last.perform();
        }

        private void linger(boolean orderly) {
            if (!orderly || inputEnded || !channel.isActive()) {
                closeChannel();
                return;
            }
            Cancellable limit = delay(LINGER_LIMIT, NettySocket.this::closeChannel);
            channel.closeFuture().addListener(done -> limit.cancel());
            channel.config().setAutoRead(true);
        }
    }

    private final class StartTls extends Operation<SSLSession> {

        private final TlsOptions options;

        StartTls(TlsOptions options) {
            this.options = options;
        }

        @Override
        void perform() {
            if (!isOpen()) {
                completeExceptionally(Failures.closed());
                return;
            }
            SslHandler outer = tls;
            if (outer != null && !outer.handshakeFuture().isSuccess()) {
                completeExceptionally(new IllegalStateException("already being secured"));
                return;
            }
            SslHandler secured;
            try {
                secured = Tls.handler(options);
                tls = secured;
                secured.handshakeFuture().addListener(done -> finished(secured, done));
                // Within a layer that is there already, as to a server through a proxy that is itself spoken to in TLS.
                channel.pipeline().addBefore(channel.pipeline().context(handler).name(), null, secured);
            } catch (RuntimeException unusable) {
                SSLHandshakeException cause = new SSLHandshakeException("cannot start tls: " + unusable.getMessage());
                cause.initCause(unusable);
                fail(cause);
                completeExceptionally(cause);
                return;
            }
            handler.replay(secured, channel.pipeline().context(secured));
            if (inputEnded) {
                inputEnded();
            } else {
                channel.read();
            }
        }

        private void finished(SslHandler secured, Future<?> handshake) {
            if (handshake.isSuccess()) {
                session = secured.engine().getSession();
                complete(session);
                return;
            }
            IOException cause = Failures.ofStream(handshake.cause());
            fail(cause);
            IOException known = failure;
            completeExceptionally(known != null ? known : cause);
        }
    }
}
