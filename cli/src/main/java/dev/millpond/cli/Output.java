package dev.millpond.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.StatusLine;
import org.jspecify.annotations.Nullable;

/** Where bodies go: standard output, or a file. */
final class Output {

    private final @Nullable Path file;

    Output(@Nullable Path file) {
        this.file = file;
    }

    void write(ClassicHttpResponse response) throws IOException {
        if (file != null) {
            replace(file, response);
            return;
        }
        // Not closed, as it isn't ours.
        OutputStream out = new BufferedOutputStream(System.out, 64 << 10);
        copy(response, out);
        out.flush();
        if (System.out.checkError()) {
            throw new IOException("standard output can't be written");
        }
    }

    /** Beside the file first, so that a disk that fills up leaves the file as it was. */
    private static void replace(Path file, ClassicHttpResponse response) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            try (OutputStream out = Files.newOutputStream(file)) {
                copy(response, out);
            }
            return;
        }
        Path part = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            try (OutputStream out = Files.newOutputStream(part)) {
                copy(response, out);
            }
            move(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void copy(ClassicHttpResponse response, OutputStream target) throws IOException {
        try (InputStream body = response.getEntity().getContent()) {
            body.transferTo(target);
        }
    }

    static void printHead(ClassicHttpResponse response, PrintWriter target) {
        target.println(new StatusLine(response));
        for (Header field : response.getHeaders()) {
            target.println(field);
        }
        target.println();
    }
}
