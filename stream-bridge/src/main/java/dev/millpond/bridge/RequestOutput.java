package dev.millpond.bridge;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** The request as a blocking stream, with a bound on the bytes that are on their way to the socket. */
final class RequestOutput extends OutputStream {

    private final SendWindow window;
    private final Consumer<ByteBuffer> sender;

    /** @param window begun by each request, and ended with it */
    RequestOutput(SendWindow window, Consumer<ByteBuffer> sender) {
        this.window = window;
        this.sender = sender;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        window.write(source, offset, length, "writing a request", Monitor.NO_TIMEOUT, sender);
    }
}
