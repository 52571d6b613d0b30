package dev.millpond.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.FileReadException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests whose body is a file. */
@Timeout(300)
class FileRequestTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final ScriptedSocket socket = new ScriptedSocket();
    private final ResponseStream stream =
            ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {}, socket::nanoTime);
    private final CompletableFuture<CompleteResponse> response = stream.expect(
            "PUT", new ResponseLimits(100, Duration.ofSeconds(1), Duration.ofSeconds(5)), socket.nanoTime());

    @TempDir
    private Path directory;

    private FileChannel file;

    @BeforeEach
    void open() throws Exception {
        file = FileChannel.open(Files.createFile(directory.resolve("file")));
    }

    @AfterEach
    void close() throws Exception {
        file.close();
    }

    private CompletableFuture<Void> request() {
        stream.write(ByteBuffer.wrap("head".getBytes(ISO_8859_1)));
        socket.holdWrites = true;
        return stream.write(file, 7, 1000);
    }

    private static <T> CompletableFuture<T> failed(CompletableFuture<T> future) {
        assertThat(future).isCompletedExceptionally();
        return future;
    }

    @Test
    void theFileFollowsTheHeadAndTheResponseComes() throws Exception {
        CompletableFuture<Void> sent = request();
        assertThat(socket.written).containsExactly("head", "1000 bytes of a file from 7 on");
        assertThat(sent).isNotDone();
        socket.finishWrites();
        assertThat(sent).isCompleted();
        socket.receive(OK);
        assertThat(response.get().reusable()).isTrue();
    }

    @Test
    void aResponseBeforeItsEndLeavesTheConnectionUnusable() throws Exception {
        CompletableFuture<Void> sent = request();
        socket.receive(OK);
        assertThat(response.get().reusable()).isFalse();
        assertThat(sent).isNotDone();
    }

    @Test
    void aFileAloneBeginsTheExchange() throws Exception {
        stream.write(file, 0, 5);
        assertThat(socket.reading).isTrue();
        socket.receive(OK);
        assertThat(response.get().reusable()).isTrue();
    }

    @Test
    void asLongAsItGetsOnThereIsNoSilence() {
        request();
        for (int i = 0; i < 4; i++) {
            socket.advance(Duration.ofMillis(900));
            socket.sendProgress++;
        }
        assertThat(response).isNotDone();
        socket.advance(Duration.ofMillis(1400));
        assertThatThrownBy(failed(response)::join).hasCauseInstanceOf(ResponseDeadlineException.class);
    }

    @Test
    void whenItStallsTheSocketTimeoutComes() {
        request();
        socket.sendProgress++;
        socket.advance(Duration.ofMillis(1900));
        assertThat(response).isNotDone();
        socket.advance(Duration.ofMillis(100));
        assertThatThrownBy(failed(response)::join)
                .cause()
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessageStartingWith("no byte for 1 s (socketTimeout)");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void aFileThatCannotBeReadFailsTheExchange() {
        CompletableFuture<Void> sent = request();
        socket.failWrites(new FileReadException("file too short: why", null));
        assertThatThrownBy(failed(sent)::join).hasCauseInstanceOf(FileReadException.class);
        assertThatThrownBy(failed(response)::join)
                .hasCauseInstanceOf(FileReadException.class)
                .hasMessageEndingWith("file too short: why");
        assertThat(socket.aborted).isTrue();
    }

    @Test
    void aPeerThatReceivesNoMoreMayStillAnswer() throws Exception {
        CompletableFuture<Void> sent = request();
        socket.failWrites(new SocketException("broken pipe"));
        assertThat(sent).isCompletedExceptionally();
        socket.receive("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n");
        assertThat(response.get().statusCode()).isEqualTo(413);
    }

    @Test
    void onAClosedConnectionItIsRejected() {
        stream.abort();
        CompletableFuture<Void> sent = stream.write(file, 0, 5);
        assertThatThrownBy(failed(sent)::join).hasRootCauseMessage("connection closed");
        assertThatThrownBy(failed(response)::join).hasCauseInstanceOf(NoResponseException.class);
    }
}
