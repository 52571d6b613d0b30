package dev.millpond.bridge;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A file that is being written, step after step, by threads that may block. The steps come from one thread. */
final class Spill {

    private final SpillDirectory directory;
    private final AtomicInteger files;
    private final Executor writers;

    /** The last step; each begins when the one before it has ended. */
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    // Touched by the steps alone.
    private @Nullable SpillFile file;
    private @Nullable OutputStream out;

    /** @param files counts those that exist */
    Spill(SpillDirectory directory, AtomicInteger files, Executor writers) {
        this.directory = directory;
        this.files = files;
        this.writers = writers;
    }

    /** Writes {@code bytes} from {@code offset} on, and closes them. Fails once a step before it has failed. */
    CompletableFuture<Void> write(StoredBytes bytes, int offset) {
        last = last.handleAsync(
                (done, failure) -> {
                    append(bytes, offset, failure);
                    return null;
                },
                writers);
        return last;
    }

    private void append(StoredBytes bytes, int offset, @Nullable Throwable failure) {
        try {
            if (failure == null) {
                bytes.inputStream(offset).transferTo(out());
            } else {
                throw new IOException(failure);
            }
        } catch (IOException e) {
            throw notStored(e);
        } finally {
            bytes.close();
        }
    }

    /** The file with all that was written. */
    CompletableFuture<SpillFile> finish() {
        return last.thenApplyAsync(done -> close(), writers).whenComplete((closed, failure) -> {
            if (failure != null) {
                abandon();
            }
        });
    }

    private SpillFile close() {
        try {
            out().close();
        } catch (IOException e) {
            throw notStored(e);
        }
        return Objects.requireNonNull(file);
    }

    /** Deletes the file, after what is being written to it. */
    void abandon() {
        var unused = last.handleAsync(
                (done, failure) -> {
                    delete();
                    return null;
                },
                writers);
    }

    private void delete() {
        SpillFile abandoned = file;
        if (abandoned == null) {
            return;
        }
        try {
            out().close();
        } catch (IOException e) {
            // It is deleted anyway.
        }
        abandoned.delete();
        file = null;
    }

    private OutputStream out() throws IOException {
        OutputStream open = out;
        if (open == null) {
            Path path = directory.newFile();
            file = new SpillFile(path, files);
            open = Files.newOutputStream(path);
            out = open;
        }
        return open;
    }

    private UncheckedIOException notStored(IOException cause) {
        return new UncheckedIOException(new IOException(
                "response not stored: cannot write to a file in " + directory + " (spillDirectory): "
                        + cause.getMessage(),
                cause));
    }
}
