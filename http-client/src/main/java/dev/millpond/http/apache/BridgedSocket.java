package dev.millpond.http.apache;

import dev.millpond.async.AsyncSocket;
import dev.millpond.bridge.LiveResponse;
import dev.millpond.bridge.ReceivedResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseQueue;
import dev.millpond.bridge.ResponseStream;
import dev.millpond.http.connect.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Apache's connection takes for its socket. There is no descriptor in it: what is written goes to the
 * {@link ResponseStream}, and what is read comes out of the response that {@link #next()} has taken, first its head and
 * nothing but its head, so that Apache's buffer never holds a byte of the body.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // closing must not wait for anything
final class BridgedSocket extends Socket {

    private final AsyncSocket socket;
    private final ResponseStream stream;
    private final ResponseQueue queue;
    private final BridgeSettings settings;
    private final Input input = new Input();

    private volatile int soTimeout;
    private volatile ResponseLimits limits;
    private volatile boolean resetOnClose;
    private volatile boolean closed;

    /** Takes over a connected, paused socket. */
    BridgedSocket(AsyncSocket socket, BridgeSettings settings) throws SocketException {
        super((SocketImpl) null);
        this.socket = socket;
        this.stream = ResponseStream.over(socket, settings.storage().get(), () -> {});
        this.queue = new ResponseQueue(socket, new StreamedResponses(settings.streaming()));
        this.settings = settings;
        this.limits = settings.limits().socketTimeout(Timeouts.FOREVER);
    }

    ResponseStream stream() {
        return stream;
    }

    /** A request with this method is written next. */
    void expect(String method) {
        readBody();
        stream.expect(method, limits, System.nanoTime(), queue);
    }

    /** Another response to that request comes next. */
    void expectMore(String method) {
        stream.expectMore(method, limits, System.nanoTime(), queue);
    }

    /** Waits for the next response, which is what is read from here on. */
    ReceivedResponse next() throws IOException {
        ReceivedResponse response = queue.take();
        input.read(response);
        return response;
    }

    /** Whether {@link #next()} would not wait, within {@code timeout}. */
    boolean await(Duration timeout) throws IOException {
        return queue.await(timeout);
    }

    /** From here on the body of that response is read. */
    void readBody() {
        input.inHead = false;
    }

    /** Between {@link #read} and {@link #readBody()} there is the head and nothing but the head. */
    private final class Input extends InputStream {

        private @Nullable ReceivedResponse response;
        private InputStream bytes = InputStream.nullInputStream();
        private boolean inHead;
        private int headLeft;

        void read(ReceivedResponse next) {
            response = next;
            bytes = next.inputStream();
            inHead = true;
            headLeft = next.headLength();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (inHead) {
                int count = headLeft == 0 ? -1 : bytes.read(target, offset, Math.min(length, headLeft));
                headLeft -= Math.max(0, count);
                return count;
            }
            if (response instanceof LiveResponse live) {
                live.readTimeout(limits.socketTimeout());
            }
            return bytes.read(target, offset, length);
        }

        /** Also what strategies ask that look for a response during the request. */
        @Override
        public int available() throws IOException {
            if (inHead) {
                return headLeft;
            }
            return await(Duration.ZERO) ? 1 : bytes.available();
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        ensureOpen();
        return input;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        ensureOpen();
        return stream.output();
    }

    private void ensureOpen() throws SocketException {
        if (closed) {
            throw new SocketException("socket closed");
        }
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        ensureOpen();
        if (millis != soTimeout) {
            soTimeout = millis;
            limits = settings.limits().socketTimeout(Timeouts.ofMillis(millis));
        }
    }

    @Override
    public int getSoTimeout() throws SocketException {
        ensureOpen();
        return soTimeout;
    }

    /** Only the choice between a close with a reset, at 0 s, and one in good order. */
    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        ensureOpen();
        resetOnClose = on && seconds == 0;
    }

    @Override
    public int getSoLinger() {
        return resetOnClose ? 0 : -1;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (resetOnClose) {
            stream.abort();
        } else {
            stream.close();
        }
    }

    @Override
    public void shutdownOutput() {
        var unused = socket.shutdownOutput();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isInputShutdown() {
        return closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return closed;
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return socket.remoteAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return socket.localAddress();
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return socket.remoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    @Override
    public @Nullable InetAddress getLocalAddress() {
        return socket.localAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    @Override
    public int getPort() {
        return socket.remoteAddress() instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    @Override
    public int getLocalPort() {
        return socket.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    /** None: socket options are set before connecting, from Apache's {@code SocketConfig}. */
    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException(name + ": set it in SocketConfig");
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException(name + ": not supported");
    }

    @Override
    public String toString() {
        return "BridgedSocket[" + socket + "]";
    }
}
