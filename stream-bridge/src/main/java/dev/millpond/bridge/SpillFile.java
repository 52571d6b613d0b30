package dev.millpond.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The body of one response, in a file of its own. */
final class SpillFile {

    private final Path path;
    private final AtomicInteger files;

    /** @param files counts those that exist */
    SpillFile(Path path, AtomicInteger files) {
        this.path = path;
        this.files = files;
        files.incrementAndGet();
    }

    InputStream open() throws IOException {
        return Files.newInputStream(path);
    }

    /** Once. */
    void delete() {
        SpillDirectory.delete(path);
        files.decrementAndGet();
    }
}
