package dev.millpond.http.message;

import dev.millpond.bridge.ResponseStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.io.Closer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request whose entity is a file: sent out of it, with no copy through the heap and no thread. It has the
 * length that the head announces, even if the file has grown since; if it has shrunk, the exchange fails with a
 * {@link dev.millpond.async.FileReadException}.
 */
public final class FileBody {

    private final FileEntity entity;
    private final long length;

    private FileBody(FileEntity entity, long length) {
        this.entity = entity;
        this.length = length;
    }

    /** Null unless the entity is exactly a {@link FileEntity}: a subclass may write something else than its file. */
    static @Nullable FileBody of(ClassicHttpRequest message, HttpEntity entity) {
        Header length = message.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
        return entity.getClass() == FileEntity.class && length != null
                ? new FileBody((FileEntity) entity, Long.parseLong(length.getValue()))
                : null;
    }

    /**
     * Opens the file, which may block: not for event loops. {@link #send} closes it, or else the caller has to.
     *
     * @throws IOException a {@link java.io.FileNotFoundException} that names the file, if it can't be opened
     */
    public FileChannel open() throws IOException {
        return ((FileInputStream) entity.getContent()).getChannel();
    }

    /**
     * Sends it behind what was written before, and closes it when it isn't used any more; {@code ended} is told then
     * whether all was sent, before any response to that is told of. Never waits.
     */
    public void send(FileChannel file, ResponseStream stream, Consumer<Boolean> ended) {
        stream.write(file, 0, length, (done, failure) -> {
            Closer.closeQuietly(file);
            ended.accept(failure == null);
        });
    }
}
