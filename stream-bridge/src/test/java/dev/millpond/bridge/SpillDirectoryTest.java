package dev.millpond.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpillDirectoryTest {

    @TempDir
    private Path base;

    private List<String> entries() throws IOException {
        try (Stream<Path> paths = Files.list(base)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void nothingIsMadeBeforeTheFirstFile() throws Exception {
        new SpillDirectory(base);
        assertThat(entries()).isEmpty();
    }

    @Test
    void filesAreTheOwnersAlone() throws Exception {
        Path file = new SpillDirectory(base).newFile();
        Path directory = parent(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(directory.getParent()).isEqualTo(base);
    }

    @Test
    void whatACrashLeftIsDeletedAtTheNextStart() throws Exception {
        Files.createFile(base.resolve("millpond-spill-1.lock"));
        Path left = Files.createDirectory(base.resolve("millpond-spill-1"));
        Files.writeString(left.resolve("2.response"), "half");
        Files.writeString(base.resolve("millpond-spill-other"), "not ours");
        new SpillDirectory(base);
        assertThat(entries()).containsExactly("millpond-spill-other");
    }

    @Test
    void whatIsInUseIsLeftAlone() throws Exception {
        Path file = new SpillDirectory(base).newFile();
        new SpillDirectory(base);
        assertThat(file).exists();
    }

    /** To another process it would look like a leftover. */
    @Test
    @Timeout(60)
    void itsLockIsNotGivenUpWhenGarbageIsCollected() throws Exception {
        Path directory = parent(new SpillDirectory(base).newFile());
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        while (garbage.get() != null) {
            System.gc();
        }
        try (FileChannel lock = FileChannel.open(Path.of(directory + ".lock"), StandardOpenOption.WRITE)) {
            assertThatThrownBy(lock::tryLock).isInstanceOf(OverlappingFileLockException.class);
        }
    }

    @Test
    void linksAreNotFollowed(@TempDir Path elsewhere) throws Exception {
        Path precious = Files.writeString(elsewhere.resolve("precious"), "x");
        Files.createFile(base.resolve("millpond-spill-1.lock"));
        Files.createSymbolicLink(base.resolve("millpond-spill-1"), elsewhere);
        new SpillDirectory(base);
        assertThat(precious).exists();
    }

    @Test
    void aDirectoryThatWasRemovedIsMadeAgain() throws Exception {
        SpillDirectory directory = new SpillDirectory(base);
        Path first = directory.newFile();
        Files.delete(first);
        Files.delete(parent(first));
        assertThat(directory.newFile()).exists();
    }

    private static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent());
    }
}
