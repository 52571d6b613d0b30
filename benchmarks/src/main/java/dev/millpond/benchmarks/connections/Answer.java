package dev.millpond.benchmarks.connections;

import dev.millpond.async.AsyncSocket;
import dev.millpond.async.SocketListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What one connection is answered, byte by byte. */
final class Answer implements SocketListener {

    private static final byte[] EXPECTED = """
            HTTP/1.1 200 OK\r
            Content-Type: text/plain\r
            Content-Length: 16\r
            Connection: close\r
            \r
            sorry I am late
            """.getBytes(StandardCharsets.US_ASCII);

    private final AsyncSocket socket;

    /** How many bytes were right so far; -1 once one was not. */
    private int matched;

    private boolean ended;
    private long nanos;

    Answer(AsyncSocket socket) {
        this.socket = socket;
        socket.listener(this);
        socket.resume();
    }

    synchronized void request(ByteBuffer request) {
        nanos = -System.nanoTime();
        socket.write(request);
    }

    @Override
    public void onBytes(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            matched = matched >= 0 && matched < EXPECTED.length && next == EXPECTED[matched] ? matched + 1 : -1;
        }
    }

    @Override
    public void onEnd() {
        socket.close();
        end();
    }

    @Override
    public void onFailure(IOException cause) {
        matched = -1;
        end();
    }

    private synchronized void end() {
        nanos += System.nanoTime();
        ended = true;
        notifyAll();
    }

    /** Whether it was the right one, once it has ended. */
    synchronized boolean await() throws InterruptedException {
        while (!ended) {
            wait();
        }
        return matched == EXPECTED.length;
    }

    /** From the request to the end of the answer. */
    synchronized long millis() {
        return nanos / 1_000_000;
    }
}
