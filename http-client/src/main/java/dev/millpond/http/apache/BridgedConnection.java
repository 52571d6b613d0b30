package dev.millpond.http.apache;

import dev.millpond.async.AsyncSocket;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.ReceivedResponse;
import dev.millpond.http.connect.Timeouts;
import dev.millpond.http.message.Failures;
import dev.millpond.http.message.OneShotEntity;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.Future;
import javax.net.ssl.SSLSession;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Identifiable;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection as Apache's pool and execution chain have it. Another connection, Apache's own by default, is inside: it
 * writes requests and parses heads over a {@link BridgedSocket}; this one tells the detector of each request, waits for
 * responses, and sets their entities.
 *
 * <p>Used by one thread at a time, but for {@code close}, which may come from any.
 */
final class BridgedConnection implements ManagedHttpClientConnection, Identifiable {

    private static final Logger WIRE_LOG = LoggerFactory.getLogger("org.apache.hc.client5.http.wire");

    private enum Exchange {
        NONE,
        /** A request has begun, its final response has not been taken. */
        OPEN,
        ANSWERED
    }

    private final ManagedHttpClientConnection inner;
    private final BridgeSettings settings;

    /** Orders closing against the steps of connecting, so that none outlives it. */
    private final Object closing = new Object();

    private boolean closed;
    private @Nullable Future<?> connecting;

    private volatile @Nullable BridgedSocket socket;
    private volatile Exchange exchange = Exchange.NONE;
    private volatile @Nullable ReceivedResponse response;
    private String method = "";

    /** The request could not be written to its end, because its response came first or the connection broke. */
    private volatile boolean requestCut;

    /** The peer closed it while it was idle in the pool: so it has to be connected anew. */
    private volatile boolean stale;

    BridgedConnection(ManagedHttpClientConnection inner, BridgeSettings settings) {
        this.inner = inner;
        this.settings = settings;
    }

    BridgeSettings settings() {
        return settings;
    }

    /** Lets {@code close} end a step of connecting. */
    void connecting(Future<?> step) throws InterruptedIOException {
        synchronized (closing) {
            if (!closed) {
                connecting = step;
                return;
            }
        }
        step.cancel(false);
        throw new InterruptedIOException("connection already shut down");
    }

    /** Takes over a connected, paused socket. */
    void connected(AsyncSocket connected, int soTimeoutMillis) throws IOException {
        BridgedSocket bridged = new BridgedSocket(connected, settings);
        bridged.setSoTimeout(soTimeoutMillis);
        synchronized (closing) {
            connecting = null;
            if (!closed) {
                inner.bind(bridged);
                socket = bridged;
                exchange = Exchange.NONE;
                response = null;
                stale = false;
                return;
            }
        }
        connected.abort();
        throw new InterruptedIOException("connection already shut down");
    }

    /** After a 101, the response to the request itself is still to come. Before the connection is upgraded. */
    void expectResponseAfterUpgrade() throws IOException {
        ReceivedResponse last = response;
        if (last != null && last.statusCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
            exchange = Exchange.OPEN;
            ensureOpen().expectMore(method);
        }
    }

    BridgedSocket ensureOpen() throws ConnectionClosedException {
        BridgedSocket current = socket;
        if (current == null || !inner.isOpen()) {
            throw new ConnectionClosedException("connection is closed");
        }
        return current;
    }

    @Override
    public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
        BridgedSocket current = ensureOpen();
        method = request.getMethod();
        exchange = Exchange.OPEN;
        response = null;
        requestCut = false;
        current.expect(method);
        write(() -> inner.sendRequestHeader(request));
    }

    @Override
    public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
        finishThoughAnswered();
        write(() -> inner.sendRequestEntity(request));
    }

    @Override
    public void terminateRequest(ClassicHttpRequest request) throws HttpException, IOException {
        finishThoughAnswered();
        write(() -> inner.terminateRequest(request));
    }

    @Override
    public void flush() throws IOException {
        try {
            write(inner::flush);
        } catch (HttpException e) {
            throw new IOException(e);
        }
    }

    /** With {@code Expect: 100-continue} the final response may have been taken when the request is to be ended. */
    private void finishThoughAnswered() throws IOException {
        if (exchange == Exchange.ANSWERED) {
            ensureOpen().stream().reopenOutput();
        }
    }

    @FunctionalInterface
    private interface Write {
        void run() throws HttpException, IOException;
    }

    /**
     * A write that fails because the exchange has ended is not the failure to report: taking the response tells what
     * ended it, or brings an answer that came early, such as 413.
     */
    private void write(Write write) throws HttpException, IOException {
        if (requestCut) {
            return;
        }
        try {
            write.run();
        } catch (IOException e) {
            BridgedSocket current = socket;
            if (current == null || isClosed() || !current.stream().outputEnded()) {
                throw e;
            }
            requestCut = true;
        }
    }

    @Override
    public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
        ReceivedResponse next = take(ensureOpen());
        ClassicHttpResponse head = inner.receiveResponseHeader();
        if (isInterim(next)) {
            next.close();
        } else {
            response = next;
            exchange = Exchange.ANSWERED;
        }
        return head;
    }

    private static ReceivedResponse take(BridgedSocket from) throws HttpException, IOException {
        try {
            return from.next();
        } catch (IOException e) {
            Throwable failure = Failures.ofExchange(e, String.valueOf(from.getRemoteSocketAddress()));
            if (failure instanceof HttpException protocol) {
                throw protocol;
            }
            throw (IOException) failure;
        }
    }

    private static boolean isInterim(ReceivedResponse received) {
        return received.statusCode() < HttpStatus.SC_SUCCESS
                && received.statusCode() != HttpStatus.SC_SWITCHING_PROTOCOLS;
    }

    @Override
    public void receiveResponseEntity(ClassicHttpResponse head) throws HttpException, IOException {
        ensureOpen().readBody();
        if (response instanceof CompleteResponse complete) {
            if (WIRE_LOG.isDebugEnabled()) {
                logBody(head);
            }
            head.setEntity(new OneShotEntity(complete, head));
        } else {
            inner.receiveResponseEntity(head);
        }
    }

    /** Reads the body through the socket, where Apache logs it. */
    private void logBody(ClassicHttpResponse head) throws HttpException, IOException {
        inner.receiveResponseEntity(head);
        try (InputStream content = head.getEntity().getContent()) {
            content.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Override
    public boolean isDataAvailable(Timeout timeout) throws IOException {
        return ensureOpen().await(Timeouts.of(timeout));
    }

    /** Known already: the end of the connection is seen as it happens. */
    @Override
    public boolean isStale() {
        return !isOpen() || !isAlive();
    }

    /**
     * Whether this side has it open. That the peer has closed it counts from the next lease on, when it can be
     * connected anew; in mid-exchange the execution chain would take it for a shutdown, and not retry.
     */
    @Override
    public boolean isOpen() {
        return inner.isOpen() && !stale;
    }

    private boolean isAlive() {
        BridgedSocket current = socket;
        return current != null && current.stream().isOpen();
    }

    @Override
    public boolean isConsistent() {
        ReceivedResponse last = response;
        boolean whole = exchange == Exchange.NONE || (last != null && last.reusable());
        return whole && !requestCut && isAlive() && inner.isConsistent();
    }

    @Override
    public void activate() {
        BridgedSocket current = socket;
        if (current != null) {
            current.stream().socket().catchUp();
        }
        stale = !isAlive();
        inner.activate();
    }

    @Override
    public void passivate() {
        response = null;
        exchange = Exchange.NONE;
        inner.passivate();
    }

    /** What is in mid-exchange can't be closed in good order: its other end would be waited for. */
    @Override
    public void close(CloseMode mode) {
        endConnecting();
        inner.close(exchange == Exchange.OPEN ? CloseMode.IMMEDIATE : mode);
    }

    @Override
    public void close() throws IOException {
        endConnecting();
        if (exchange == Exchange.OPEN || requestCut) {
            inner.close(CloseMode.IMMEDIATE);
        } else {
            inner.close();
        }
    }

    private void endConnecting() {
        Future<?> step;
        synchronized (closing) {
            closed = true;
            step = connecting;
            connecting = null;
        }
        if (step != null) {
            step.cancel(false);
        }
    }

    private boolean isClosed() {
        synchronized (closing) {
            return closed;
        }
    }

    /** Not how connections are made here. */
    @Override
    public void bind(Socket other) {
        throw new UnsupportedOperationException("a connection of Millpond takes no socket from elsewhere");
    }

    @Override
    public @Nullable SSLSession getSSLSession() {
        BridgedSocket current = socket;
        return current == null ? null : current.stream().socket().tlsSession();
    }

    @Override
    public @Nullable Socket getSocket() {
        return inner.getSocket();
    }

    @Override
    public @Nullable EndpointDetails getEndpointDetails() {
        return inner.getEndpointDetails();
    }

    @Override
    public @Nullable SocketAddress getLocalAddress() {
        return inner.getLocalAddress();
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() {
        return inner.getRemoteAddress();
    }

    @Override
    public @Nullable ProtocolVersion getProtocolVersion() {
        return inner.getProtocolVersion();
    }

    @Override
    public void setSocketTimeout(Timeout timeout) {
        inner.setSocketTimeout(timeout);
    }

    @Override
    public Timeout getSocketTimeout() {
        return inner.getSocketTimeout();
    }

    @Override
    public String getId() {
        return inner instanceof Identifiable identifiable ? identifiable.getId() : inner.toString();
    }

    @Override
    public String toString() {
        return inner.toString();
    }
}
