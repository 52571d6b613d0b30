package dev.millpond.bridge;

import dev.millpond.async.AsyncSocket;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A part of a file on its way to a socket. The loop that is to begin it may have run its last task: so whoever finds
 * the connection closed may reject it. Only one of them gets it, and the future is done only when nobody uses the file.
 */
final class FileWrite extends CompletableFuture<Void> {

    private final FileChannel file;
    private final long position;
    private final long count;
    private final AtomicBoolean taken = new AtomicBoolean();

    FileWrite(FileChannel file, long position, long count) {
        this.file = file;
        this.position = position;
        this.count = count;
    }

    /** False if it was rejected. */
    boolean take() {
        return taken.compareAndSet(false, true);
    }

    void reject() {
        if (take()) {
            completeExceptionally(new SocketException("connection closed"));
        }
    }

    /** Only for who has taken it. */
    CompletableFuture<Void> begin(AsyncSocket socket) {
        CompletableFuture<Void> write = socket.write(file, position, count);
        write.whenComplete((done, failure) -> {
            if (failure == null) {
                complete(null);
            } else {
                completeExceptionally(failure);
            }
        });
        return write;
    }
}
