package dev.millpond.http.connect;

import dev.millpond.async.AsyncSocket;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.bridge.ResponseStream;
import dev.millpond.http.message.EncodedRequest;
import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** A pooled connection: its stream, and the parser that is kept with it. */
public final class Connection implements ModalCloseable {

    private final ResponseStream stream;
    private final ResponseParser parser = new ResponseParser();
    private volatile boolean used;

    /** @param onClose called on the event loop once the connection is of no more use */
    Connection(AsyncSocket socket, ResponseStorage storage, Runnable onClose) {
        this.stream = ResponseStream.over(socket, storage, onClose);
    }

    public boolean isOpen() {
        return stream.isOpen();
    }

    /** Whether an exchange has begun on it before. */
    public boolean used() {
        return used;
    }

    /** Sends the request, but for a streamed body; the future completes on the event loop. */
    public CompletableFuture<CompleteResponse> exchange(EncodedRequest request, ResponseLimits limits, long startedAt) {
        used = true;
        CompletableFuture<CompleteResponse> response =
                stream.expect(request.message().getMethod(), limits, startedAt);
        stream.write(request.bytes());
        return response;
    }

    /** Writes a streamed body. Blocks. */
    public void writeBody(EncodedRequest request) throws IOException {
        request.writeBody(stream.output());
    }

    /** Whether nothing more of the request can be written, because of its response or a failure. */
    public boolean requestEnded() {
        return stream.outputEnded();
    }

    /** Event loop only, as the parser is not thread-safe. */
    public ClassicHttpResponse parse(CompleteResponse response) throws HttpException {
        return parser.parse(response);
    }

    @Override
    public void close(CloseMode mode) {
        if (mode == CloseMode.IMMEDIATE) {
            stream.abort();
        } else {
            stream.close();
        }
    }

    @Override
    public void close() {
        close(CloseMode.GRACEFUL);
    }

    @Override
    public String toString() {
        return "Connection[" + stream.socket() + (isOpen() ? ", open" : ", closed") + (used ? ", used]" : ", new]");
    }
}
