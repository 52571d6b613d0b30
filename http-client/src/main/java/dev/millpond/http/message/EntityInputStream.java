package dev.millpond.http.message;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A body's stream. No connection is behind it, so closing it reads nothing to its end, and can't fail. */
final class EntityInputStream extends FilterInputStream {

    private final Runnable onEnd;
    private boolean ended;
    private boolean closed;

    /** @param onEnd called once, when all has been read or the stream is closed */
    EntityInputStream(InputStream content, Runnable onEnd) {
        super(content);
        this.onEnd = onEnd;
    }

    @Override
    public int read() throws IOException {
        return canRead() ? orEnd(in.read()) : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return canRead() ? orEnd(in.read(target, offset, length)) : -1;
    }

    @Override
    public byte[] readAllBytes() throws IOException {
        byte[] rest = canRead() ? in.readAllBytes() : new byte[0];
        end();
        return rest;
    }

    @Override
    public long transferTo(OutputStream target) throws IOException {
        long count = canRead() ? in.transferTo(target) : 0;
        end();
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        return canRead() ? in.skip(count) : 0;
    }

    @Override
    public int available() throws IOException {
        return canRead() ? in.available() : 0;
    }

    @Override
    public void close() {
        closed = true;
        end();
    }

    private boolean canRead() throws IOException {
        if (closed) {
            throw new IOException("stream closed");
        }
        return !ended;
    }

    private int orEnd(int result) {
        if (result < 0) {
            end();
        }
        return result;
    }

    private void end() {
        if (!ended) {
            ended = true;
            onEnd.run();
        }
    }
}
