package dev.millpond.bridge;

import java.io.InputStream;

/** The bytes of a complete response, wherever they are kept. Immutable; readable by any number of threads at once. */
interface StoredBytes {

    long size();

    /** A stream of its own over the bytes from {@code offset} on. */
    InputStream inputStream(long offset);

    /** Copies the first {@code count} bytes, which are on the heap, to the beginning of {@code target}. */
    void copyTo(byte[] target, int count);

    /** Gives the memory back; streams that are open fail from then on. Idempotent. */
    void close();
}
