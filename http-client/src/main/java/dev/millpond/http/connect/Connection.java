package dev.millpond.http.connect;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.Cancellable;
import dev.millpond.async.TlsOptions;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseListener;
import dev.millpond.bridge.ResponseStream;
import dev.millpond.http.message.EncodedRequest;
import dev.millpond.http.message.FileBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** A pooled connection. */
public final class Connection implements Pooled {

    private final ResponseStream stream;
    private final RouteConfig config;
    private final long openedAt = System.nanoTime();
    private volatile boolean used;

    /** Over a new socket. */
    Connection(AsyncSocket socket, RouteConfig config, Connector connector) {
        this.stream = ResponseStream.over(socket, connector.settings.storage(), connector.onClose);
        this.config = config;
    }

    RouteConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return stream.isOpen();
    }

    /** Whether an exchange has begun on it before. */
    public boolean used() {
        return used;
    }

    /** The TLS session, or null if the connection is not secured. */
    public @Nullable SSLSession sslSession() {
        return stream.socket().tlsSession();
    }

    /** With the socket timeout that the request has, or the connection's route. */
    public ResponseLimits limits(RequestConfig request, ResponseLimits defaults) {
        Timeout timeout = config.socketTimeout(request);
        return timeout == null ? defaults : defaults.socketTimeout(Timeouts.of(timeout));
    }

    /** For how long to keep it in the pool; zero or less for ever, null not at all. */
    @Nullable
    TimeValue keepAlive(TimeValue wanted) {
        return config.keepAlive(wanted, openedAt);
    }

    CompletableFuture<SSLSession> startTls(TlsOptions options) {
        return stream.startTls(options);
    }

    /** Asks a proxy for a tunnel. */
    CompletableFuture<CompleteResponse> connect(ByteBuffer request, ResponseLimits limits, long startedAt) {
        CompletableFuture<CompleteResponse> response = stream.expect(Method.CONNECT.name(), limits, startedAt);
        stream.write(request.duplicate());
        return response;
    }

    /** Sends the request, but for a streamed body; the listener is called on the event loop. */
    public void exchange(EncodedRequest request, ResponseLimits limits, long startedAt, ResponseListener listener) {
        used = true;
        stream.expect(request.message().getMethod(), limits, startedAt, listener);
        stream.write(request.bytes());
    }

    /** Sends more of the request. Never waits. */
    public void write(ByteBuffer bytes) {
        stream.write(bytes);
    }

    /**
     * To be called where it has connected. On the event loop the task comes after this one: together, the JIT compiler
     * would inline all that opens a connection and all that sends on it into each of the methods that lead there.
     */
    public void begin(Runnable task) {
        if (stream.socket().inEventLoop()) {
            stream.socket().execute(task);
        } else {
            task.run();
        }
    }

    /** Runs the task on the event loop. */
    public Cancellable delay(Duration delay, Runnable task) {
        return stream.socket().delay(delay, task);
    }

    /**
     * Sends a body out of its file, see {@link FileBody#send}. Opens that, which may block, but does not wait for more.
     */
    public void send(FileBody body, Consumer<Boolean> ended) throws IOException {
        body.send(body.open(), stream, ended);
    }

    /** Writes a streamed body. Blocks. */
    public void writeBody(EncodedRequest request) throws IOException {
        request.writeBody(stream.output());
    }

    /** Whether nothing more of the request can be written, because of its response or a failure. */
    public boolean requestEnded() {
        return stream.outputEnded();
    }

    /** In good order. */
    void close() {
        stream.close();
    }

    @Override
    public void abort() {
        stream.abort();
    }

    @Override
    public String toString() {
        return "Connection[" + stream.socket() + (isOpen() ? ", open" : ", closed") + (used ? ", used]" : ", new]");
    }
}
