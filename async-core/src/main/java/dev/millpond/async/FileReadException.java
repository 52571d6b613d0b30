package dev.millpond.async;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is being sent can't be read, or is shorter than it was said to be. */
public final class FileReadException extends IOException {

    private static final long serialVersionUID = 1L;

    /** @param cause why, if the file can't be read */
    public FileReadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
