package dev.millpond.bridge;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The request as a blocking stream, with a bound on the bytes that are on their way to the socket.
 *
 * <p>The lock orders two races: a writer that is about to wait against the event loop that makes room, and against the
 * end of the exchange. It is never held while waiting, so virtual threads are not pinned.
 */
final class RequestOutput extends OutputStream {

    static final int HIGH_WATER_MARK = 64 << 10;
    private static final int MAX_WRITE = 16 << 10;

    private final ResponseStream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int onTheWay;
    private @Nullable String ended;

    RequestOutput(ResponseStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, MAX_WRITE);
            reserve(count);
            int from = offset + done;
            stream.send(ByteBuffer.wrap(Arrays.copyOfRange(source, from, from + count)));
            done += count;
        }
    }

    /** A new exchange begins. */
    void begin() {
        lock.lock();
        try {
            ended = null;
        } finally {
            lock.unlock();
        }
    }

    /** The exchange is over: who waits, or writes later, fails. */
    void end(String why) {
        lock.lock();
        try {
            if (ended == null) {
                ended = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended != null;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes are on their way that don't come through this stream. */
    void sending(int count) {
        lock.lock();
        try {
            onTheWay += count;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes have left, or never will. */
    void written(int count) {
        lock.lock();
        try {
            onTheWay -= count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void reserve(int count) throws IOException {
        if (!tryReserve(count)) {
            LoopGuard.beforeWaiting();
            awaitRoom(count);
        }
    }

    private boolean tryReserve(int count) throws IOException {
        lock.lock();
        try {
            if (ended != null) {
                throw new SocketException(ended);
            }
            if (onTheWay > 0 && onTheWay + count > HIGH_WATER_MARK) {
                return false;
            }
            onTheWay += count;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Managed, so that a fork-join pool puts another thread in place of one that waits here. */
    private void awaitRoom(int count) throws IOException {
        RoomBlocker blocker = new RoomBlocker(count);
        try {
            ForkJoinPool.managedBlock(blocker);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while writing a request").initCause(e);
        }
        if (blocker.failure != null) {
            throw blocker.failure;
        }
    }

    private final class RoomBlocker implements ForkJoinPool.ManagedBlocker {

        private final int count;
        private @Nullable IOException failure;
        private boolean reserved;

        RoomBlocker(int count) {
            this.count = count;
        }

        @Override
        public boolean block() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!isReleasable()) {
                    changed.await();
                }
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean isReleasable() {
            if (!reserved && failure == null) {
                try {
                    reserved = tryReserve(count);
                } catch (IOException e) {
                    failure = e;
                }
            }
            return reserved || failure != null;
        }
    }
}
