package dev.millpond.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner.Cleanable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A head on the heap, so that parsing it never waits for a disk, and a body in a file. */
final class SpilledBytes implements StoredBytes {

    private final byte[] head;
    private final SpillFile file;
    private final long bodySize;
    private final Cleanable resources;
    private volatile boolean closed;

    SpilledBytes(byte[] head, SpillFile file, long bodySize, MemoryBudget budget) {
        this.head = head;
        this.file = file;
        this.bodySize = bodySize;
        int held = head.length;
        budget.reserve(held);
        this.resources = ResponseStorage.CLEANER.register(this, () -> {
            file.delete();
            budget.release(held);
        });
    }

    @Override
    public long size() {
        return head.length + bodySize;
    }

    @Override
    public InputStream inputStream(long offset) {
        return new Input(offset);
    }

    @Override
    public void copyTo(byte[] target, int count) {
        System.arraycopy(head, 0, target, 0, count);
    }

    @Override
    public void close() {
        closed = true;
        resources.clean();
    }

    /** Opens the file only when the body is read, and closes it at its end. */
    private final class Input extends InputStream {

        private long position;
        private @Nullable InputStream body;
        private boolean streamClosed;

        Input(long offset) {
            this.position = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            ensureOpen();
            if (length == 0) {
                return 0;
            }
            if (position < head.length) {
                int count = (int) Math.min(length, head.length - position);
                System.arraycopy(head, (int) position, target, offset, count);
                position += count;
                return count;
            }
            return position < size() ? readBody(target, offset, length) : -1;
        }

        private int readBody(byte[] target, int offset, int length) throws IOException {
            int count = body().read(target, offset, length);
            if (count < 0) {
                throw new IOException("spill file is shorter than what was written to it");
            }
            position += count;
            if (position == size()) {
                closeBody();
            }
            return count;
        }

        private InputStream body() throws IOException {
            InputStream open = body;
            if (open == null) {
                open = file.open();
                open.skipNBytes(position - head.length);
                body = open;
            }
            return open;
        }

        @Override
        public long skip(long count) throws IOException {
            ensureOpen();
            long step = Math.max(0, Math.min(count, size() - position));
            InputStream open = body;
            if (open != null) {
                open.skipNBytes(step);
            }
            position += step;
            return step;
        }

        @Override
        public int available() throws IOException {
            ensureOpen();
            return (int) Math.min(size() - position, Integer.MAX_VALUE);
        }

        @Override
        public void close() throws IOException {
            streamClosed = true;
            closeBody();
        }

        private void closeBody() throws IOException {
            InputStream open = body;
            body = null;
            if (open != null) {
                open.close();
            }
        }

        private void ensureOpen() throws IOException {
            if (streamClosed) {
                throw new IOException("stream closed");
            }
            if (closed) {
                closeBody();
                throw new IOException("response closed");
            }
        }
    }
}
