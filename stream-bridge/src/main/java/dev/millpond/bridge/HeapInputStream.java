package dev.millpond.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/** Reads {@link HeapBytes}. Never waits. Like any stream, for one thread at a time. */
final class HeapInputStream extends InputStream {

    private final HeapBytes bytes;
    private final byte[][] segments;
    private long remaining;
    private int index;
    private int position;
    private boolean closed;
    private long markedRemaining;
    private int markedIndex;
    private int markedPosition;

    HeapInputStream(HeapBytes bytes, byte[][] segments, long size, long offset) {
        this.bytes = bytes;
        this.segments = segments;
        this.remaining = size;
        advance(Math.min(offset, size));
        rememberPosition();
    }

    @Override
    public int read() throws IOException {
        begin();
        try {
            if (remaining == 0) {
                return -1;
            }
            int value = segments[index][position] & 0xFF;
            advance(1);
            return value;
        } finally {
            bytes.endRead();
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        begin();
        try {
            if (length == 0) {
                return 0;
            }
            return remaining == 0 ? -1 : copy(target, offset, (int) Math.min(length, remaining));
        } finally {
            bytes.endRead();
        }
    }

    private int copy(byte[] target, int offset, int count) {
        for (int done = 0; done < count; ) {
            int step = Math.min(count - done, inSegment());
            System.arraycopy(segments[index], position, target, offset + done, step);
            advance(step);
            done += step;
        }
        return count;
    }

    /** At once at its length. */
    @Override
    public byte[] readAllBytes() throws IOException {
        begin();
        try {
            if (remaining > Integer.MAX_VALUE - 8) {
                throw new OutOfMemoryError("more than an array can hold: " + remaining + " bytes");
            }
            return rest((int) remaining);
        } finally {
            bytes.endRead();
        }
    }

    private byte[] rest(int count) {
        if (count == 0 || count > inSegment()) {
            byte[] rest = new byte[count];
            copy(rest, 0, count);
            return rest;
        }
        // Without clearing the array first.
        byte[] rest = Arrays.copyOfRange(segments[index], position, position + count);
        advance(count);
        return rest;
    }

    @Override
    public long skip(long count) throws IOException {
        ensureOpen();
        long step = Math.max(0, Math.min(count, remaining));
        advance(step);
        return step;
    }

    @Override
    public int available() throws IOException {
        ensureOpen();
        return (int) Math.min(remaining, Integer.MAX_VALUE);
    }

    @Override
    public long transferTo(OutputStream target) throws IOException {
        begin();
        try {
            long count = 0;
            while (remaining > 0) {
                int step = inSegment();
                target.write(segments[index], position, step);
                advance(step);
                count += step;
                ensureOpen();
            }
            return count;
        } finally {
            bytes.endRead();
        }
    }

    @Override
    public boolean markSupported() {
        return true;
    }

    @Override
    public synchronized void mark(int readLimit) {
        rememberPosition();
    }

    private void rememberPosition() {
        markedRemaining = remaining;
        markedIndex = index;
        markedPosition = position;
    }

    @Override
    public synchronized void reset() throws IOException {
        ensureOpen();
        remaining = markedRemaining;
        index = markedIndex;
        position = markedPosition;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void begin() throws IOException {
        ensureOpen();
        if (!bytes.beginRead()) {
            throw responseClosed();
        }
    }

    private void ensureOpen() throws IOException {
        if (closed) {
            throw new IOException("stream closed");
        }
        if (bytes.closed()) {
            throw responseClosed();
        }
    }

    private static IOException responseClosed() {
        return new IOException("response closed");
    }

    private int inSegment() {
        return (int) Math.min(segments[index].length - position, remaining);
    }

    private void advance(long count) {
        long left = count;
        while (left > 0) {
            int step = (int) Math.min(left, segments[index].length - position);
            position += step;
            left -= step;
            if (position == segments[index].length) {
                index++;
                position = 0;
            }
        }
        remaining -= count;
    }
}
