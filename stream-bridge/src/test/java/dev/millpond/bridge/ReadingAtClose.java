package dev.millpond.bridge;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads what is left when it is closed, as streams do that leave a connection for the next response. */
final class ReadingAtClose extends FilterInputStream {

    private ReadingAtClose(InputStream input) {
        super(input);
    }

    /** Reads, and closes whatever comes of it. */
    static void readAndClose(InputStream input) throws IOException {
        try (InputStream closing = new ReadingAtClose(input)) {
            closing.read();
        }
    }

    @Override
    public void close() throws IOException {
        read();
    }
}
