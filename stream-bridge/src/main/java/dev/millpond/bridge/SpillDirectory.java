package dev.millpond.bridge;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A private directory for spill files, made when the first one is. Beside it lies a file that is locked as long as this
 * process lives: a directory whose lock is free was left by one that crashed, and is deleted by the next to start.
 */
final class SpillDirectory {

    private static final String PREFIX = "millpond-spill-";
    private static final String LOCK_SUFFIX = ".lock";

    /**
     * Locks of this process, which end when they are garbage. It must not so much as open their files again: closing
     * any descriptor of a file gives up all of a process's locks on it. The monitor is held from the making of a lock's
     * file until it is here, and while looking for leftovers, lest these two meet.
     */
    private static final Map<Path, FileLock> OWN_LOCKS = new ConcurrentHashMap<>();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> OWN_LOCKS.keySet().forEach(SpillDirectory::deleteWithFiles), "millpond-exit"));
    }

    private final Path base;
    private @Nullable Path own;

    SpillDirectory(Path base) {
        this.base = base;
        synchronized (OWN_LOCKS) {
            deleteLeftovers();
        }
    }

    /** A new, empty file that only this user may read. */
    synchronized Path newFile() throws IOException {
        Path directory = own;
        if (directory == null || !Files.isDirectory(directory)) {
            directory = create();
            own = directory;
        }
        return Files.createTempFile(directory, "", ".response");
    }

    private Path create() throws IOException {
        Path lock;
        synchronized (OWN_LOCKS) {
            lock = newLock();
        }
        String name = lock.getFileName().toString();
        Path directory = lock.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length()));
        // For the owner only, as the JDK makes temporary directories: so one is made, and moved.
        return Files.move(Files.createTempDirectory(base, PREFIX + "new"), directory);
    }

    private Path newLock() throws IOException {
        while (true) {
            Path lock = Files.createTempFile(base, PREFIX, LOCK_SUFFIX).toAbsolutePath();
            FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            // Another process may have found it before it was locked, and deleted it.
            if (held != null && Files.exists(lock)) {
                // Not closed: the lock is held to the end of the process.
                OWN_LOCKS.put(lock, held);
                return lock;
            }
            channel.close();
        }
    }

    private void deleteLeftovers() {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(base, PREFIX + "*" + LOCK_SUFFIX)) {
            for (Path lock : locks) {
                if (!OWN_LOCKS.containsKey(lock.toAbsolutePath())) {
                    deleteIfLeft(lock);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Not there, or not ours to read: the first spill will say so, if there ever is one.
        }
    }

    private static void deleteIfLeft(Path lock) {
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock free = channel.tryLock()) {
            if (free != null) {
                deleteWithFiles(lock);
            }
        } catch (IOException e) {
            // Another user's, or gone in the meantime.
        }
    }

    /** Neither follows links nor goes deeper, whatever somebody may have put there. */
    private static void deleteWithFiles(Path lock) {
        String path = lock.toString();
        Path directory = Path.of(path.substring(0, path.length() - LOCK_SUFFIX.length()));
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                files.forEach(SpillDirectory::delete);
            } catch (IOException | DirectoryIteratorException e) {
                // The directory stays then, and its lock with it.
            }
            delete(directory);
        }
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            delete(lock);
        }
    }

    static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Left for the next start.
        }
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
