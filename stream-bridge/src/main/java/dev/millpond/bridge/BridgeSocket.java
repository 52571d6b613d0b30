package dev.millpond.bridge;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A socket without a descriptor of its own: see {@link BridgeSocketFactory}. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // closing must not wait for anything
final class BridgeSocket extends Socket {

    /** What {@link Socket} calls infinite. */
    private static final Duration NO_TIMEOUT = Duration.ofDays(365);

    private static final Map<SocketOption<?>, Object> DEFAULTS = Map.of(
            StandardSocketOptions.TCP_NODELAY,
            true,
            StandardSocketOptions.SO_KEEPALIVE,
            false,
            StandardSocketOptions.SO_REUSEADDR,
            false,
            StandardSocketOptions.SO_SNDBUF,
            64 << 10,
            StandardSocketOptions.SO_RCVBUF,
            64 << 10,
            StandardSocketOptions.IP_TOS,
            0);

    /** Both sides of a connected socket. */
    private record Streams(AsyncSocket socket, SocketInput input, SocketOutput output) {}

    private final AsyncCore core;
    private final Map<SocketOption<?>, Object> options = new ConcurrentHashMap<>();

    private volatile @Nullable CompletableFuture<AsyncSocket> connecting;
    private volatile @Nullable Streams streams;
    private volatile @Nullable SocketAddress local;
    private volatile int soTimeout;
    private volatile int linger = -1;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private volatile boolean closed;

    BridgeSocket(AsyncCore core) throws SocketException {
        super((SocketImpl) null);
        this.core = core;
    }

    @Override
    public void connect(SocketAddress target) throws IOException {
        connect(target, 0);
    }

    @Override
    public void connect(SocketAddress target, int timeoutMillis) throws IOException {
        if (timeoutMillis < 0 || !(target instanceof InetSocketAddress inet)) {
            throw new IllegalArgumentException("cannot connect to " + target + " within " + timeoutMillis + "ms");
        }
        ensureOpen();
        if (connecting != null) {
            throw new SocketException("already connected");
        }
        LoopGuard.beforeWaiting();
        CompletableFuture<AsyncSocket> connect = core.connect(options(inet, timeoutMillis));
        connecting = connect;
        if (closed) {
            connect.cancel(false);
        }
        AsyncSocket socket = await(connect);
        Streams made = new Streams(socket, SocketInput.over(socket), SocketOutput.over(socket));
        made.input.timeout(Duration.ofMillis(soTimeout));
        streams = made;
        if (closed) {
            release(made);
            throw closedFailure();
        }
    }

    private ConnectOptions options(InetSocketAddress target, int timeoutMillis) {
        ConnectOptions plan = ConnectOptions.to(target.getHostString(), target.getPort())
                .connectTimeout(timeoutMillis == 0 ? NO_TIMEOUT : Duration.ofMillis(timeoutMillis))
                .localAddress(local);
        if (!target.isUnresolved()) {
            plan = plan.addresses(List.of(target));
        }
        for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
            plan = with(plan, option.getKey(), option.getValue());
        }
        return plan;
    }

    @SuppressWarnings("unchecked")
    private static <T> ConnectOptions with(ConnectOptions plan, SocketOption<T> option, Object value) {
        return plan.socketOption(option, (T) value);
    }

    private AsyncSocket await(CompletableFuture<AsyncSocket> connect) throws IOException {
        try {
            return connect.get();
        } catch (CancellationException closedMeanwhile) {
            throw closedFailure();
        } catch (InterruptedException e) {
            closed = true;
            connect.cancel(false);
            // In case it was too late to cancel.
            connect.thenAccept(AsyncSocket::abort);
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while connecting").initCause(e);
        } catch (ExecutionException e) {
            closed = true;
            Throwable cause = e.getCause();
            throw cause instanceof IOException io ? io : new IOException("cannot connect: " + cause, cause);
        }
    }

    private static SocketException closedFailure() {
        return new SocketException("socket closed");
    }

    private void ensureOpen() throws SocketException {
        if (closed) {
            throw closedFailure();
        }
    }

    private Streams connected() throws SocketException {
        ensureOpen();
        Streams connected = streams;
        if (connected == null) {
            throw new SocketException("not connected");
        }
        return connected;
    }

    @Override
    public void bind(@Nullable SocketAddress address) throws IOException {
        ensureOpen();
        local = address;
    }

    /** Its close is the socket's. */
    @Override
    public InputStream getInputStream() throws IOException {
        Streams now = connected();
        if (inputShutdown) {
            throw new SocketException("input shut down");
        }
        return new Input(now.input);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        Streams now = connected();
        if (outputShutdown) {
            throw new SocketException("output shut down");
        }
        return new Output(now.output);
    }

    private final class Input extends InputStream {

        private final SocketInput input;

        Input(SocketInput input) {
            this.input = input;
        }

        @Override
        public int read() throws IOException {
            return input.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return input.read(target, offset, length);
        }

        @Override
        public int available() throws IOException {
            return input.available();
        }

        @Override
        public void close() {
            BridgeSocket.this.close();
        }
    }

    private final class Output extends OutputStream {

        private final SocketOutput output;

        Output(SocketOutput output) {
            this.output = output;
        }

        @Override
        public void write(int value) throws IOException {
            output.write(value);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            output.write(source, offset, length);
        }

        @Override
        public void close() {
            BridgeSocket.this.close();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        Streams now = connected();
        inputShutdown = true;
        now.input.shutdown();
    }

    @Override
    public void shutdownOutput() throws IOException {
        Streams now = connected();
        outputShutdown = true;
        now.output.shutdown();
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<AsyncSocket> connect = connecting;
        if (connect != null) {
            connect.cancel(false);
        }
        Streams now = streams;
        if (now != null) {
            release(now);
        }
    }

    private void release(Streams now) {
        now.input.end();
        now.output.end("socket closed");
        if (linger == 0) {
            now.socket.abort();
        } else {
            now.socket.close();
        }
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        ensureOpen();
        if (millis < 0) {
            throw new IllegalArgumentException("soTimeout: expected zero or more, got " + millis);
        }
        soTimeout = millis;
        Streams now = streams;
        if (now != null) {
            now.input.timeout(Duration.ofMillis(millis));
        }
    }

    @Override
    public int getSoTimeout() throws SocketException {
        ensureOpen();
        return soTimeout;
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        ensureOpen();
        if (on && seconds < 0) {
            throw new IllegalArgumentException("soLinger: expected zero or more, got " + seconds);
        }
        linger = on ? seconds : -1;
    }

    @Override
    public int getSoLinger() throws SocketException {
        ensureOpen();
        return linger;
    }

    @Override
    public boolean isConnected() {
        return streams != null;
    }

    @Override
    public boolean isBound() {
        return streams != null || local != null;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        Streams now = streams;
        return now == null ? null : now.socket.remoteAddress();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        Streams now = streams;
        return now == null ? local : now.socket.localAddress();
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return getRemoteSocketAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    @Override
    public int getPort() {
        return getRemoteSocketAddress() instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    @Override
    public InetAddress getLocalAddress() {
        return getLocalSocketAddress() instanceof InetSocketAddress inet
                ? inet.getAddress()
                : new InetSocketAddress(0).getAddress();
    }

    @Override
    public int getLocalPort() {
        return getLocalSocketAddress() instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    @Override
    public <T> Socket setOption(SocketOption<T> option, T value) throws IOException {
        put(option, value);
        return this;
    }

    private <T> void put(SocketOption<T> option, T value) throws SocketException {
        ensureOpen();
        if (!DEFAULTS.containsKey(option)) {
            throw new UnsupportedOperationException(option + ": not supported");
        }
        options.put(option, value);
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        return value(option);
    }

    private <T> T value(SocketOption<T> option) throws SocketException {
        ensureOpen();
        Object value = options.getOrDefault(option, DEFAULTS.get(option));
        if (value == null) {
            throw new UnsupportedOperationException(option + ": not supported");
        }
        return option.type().cast(value);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return DEFAULTS.keySet();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        put(StandardSocketOptions.TCP_NODELAY, on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return value(StandardSocketOptions.TCP_NODELAY);
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        put(StandardSocketOptions.SO_KEEPALIVE, on);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return value(StandardSocketOptions.SO_KEEPALIVE);
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        put(StandardSocketOptions.SO_REUSEADDR, on);
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return value(StandardSocketOptions.SO_REUSEADDR);
    }

    @Override
    public void setSendBufferSize(int bytes) throws SocketException {
        put(StandardSocketOptions.SO_SNDBUF, bytes);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return value(StandardSocketOptions.SO_SNDBUF);
    }

    @Override
    public void setReceiveBufferSize(int bytes) throws SocketException {
        put(StandardSocketOptions.SO_RCVBUF, bytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return value(StandardSocketOptions.SO_RCVBUF);
    }

    @Override
    public void setTrafficClass(int value) throws SocketException {
        put(StandardSocketOptions.IP_TOS, value);
    }

    @Override
    public int getTrafficClass() throws SocketException {
        return value(StandardSocketOptions.IP_TOS);
    }

    @Override
    public void sendUrgentData(int value) throws IOException {
        throw new SocketException("urgent data: not supported");
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        ensureOpen();
        if (on) {
            throw new SocketException("urgent data: not supported");
        }
    }

    @Override
    public boolean getOOBInline() throws SocketException {
        ensureOpen();
        return false;
    }

    @Override
    public String toString() {
        return "BridgeSocket[" + getRemoteSocketAddress() + "]";
    }
}
