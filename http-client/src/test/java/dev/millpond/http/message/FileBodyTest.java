package dev.millpond.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncSocket;
import dev.millpond.async.ConnectOptions;
import dev.millpond.bridge.CompleteResponse;
import dev.millpond.bridge.ResponseLimits;
import dev.millpond.bridge.ResponseStorage;
import dev.millpond.bridge.ResponseStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.FileEntity;
import org.apache.hc.core5.http.io.entity.PathEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileBodyTest {

    @TempDir
    private Path directory;

    private static EncodedRequest encode(HttpEntity entity) throws Exception {
        ClassicHttpRequest request =
                ClassicRequestBuilder.put("http://localhost/").setEntity(entity).build();
        RequestContent.INSTANCE.process(request, entity, HttpCoreContext.create());
        return RequestEncoder.encode(request);
    }

    private static FileEntity entity(Path path) {
        return new FileEntity(path.toFile(), ContentType.APPLICATION_OCTET_STREAM);
    }

    @Test
    void onlyAFileEntityItselfIsSentAsAFile() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[5]);
        assertThat(encode(entity(path)).file()).isNotNull();
        assertThat(encode(new PathEntity(path, ContentType.TEXT_PLAIN)).file()).isNull();
        assertThat(encode(new FileEntity(path.toFile(), ContentType.TEXT_PLAIN) {})
                        .file())
                .isNull();
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws Exception {
        FileBody body = Objects.requireNonNull(
                encode(entity(new File("/no/such/file").toPath())).file());
        assertThatThrownBy(body::open).isInstanceOf(FileNotFoundException.class).hasMessageContaining("/no/such/file");
    }

    @Test
    void itFollowsTheHeadWithTheAnnouncedLengthAndIsClosed() throws Exception {
        byte[] content = new byte[1_000_000];
        new Random(3).nextBytes(content);
        Path path = Files.write(directory.resolve("file"), content);
        EncodedRequest request = encode(entity(path));
        Files.write(path, new byte[7], java.nio.file.StandardOpenOption.APPEND);
        FileBody body = Objects.requireNonNull(request.file());
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                AsyncCore core = AsyncCore.builder().eventLoopThreads(1).build()) {
            AsyncSocket socket = core.connect(ConnectOptions.to("127.0.0.1", server.getLocalPort()))
                    .get(30, TimeUnit.SECONDS);
            ResponseStream stream = ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {});
            CompletableFuture<CompleteResponse> response =
                    stream.expect("PUT", ResponseLimits.DEFAULTS, System.nanoTime());
            FileChannel file = body.open();
            stream.write(request.bytes());
            CompletableFuture<Boolean> sent = new CompletableFuture<>();
            body.send(file, stream, sent::complete);
            try (Socket peer = server.accept()) {
                int head = request.bytes().remaining();
                assertThat(new String(peer.getInputStream().readNBytes(head), ISO_8859_1))
                        .contains("Content-Length: 1000000\r\n");
                assertThat(peer.getInputStream().readNBytes(content.length)).isEqualTo(content);
                peer.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(ISO_8859_1));
                assertThat(response.get(30, TimeUnit.SECONDS).reusable()).isTrue();
                assertThat(file.isOpen()).isFalse();
                assertThat(sent.getNow(false)).isTrue();
            }
        }
    }
}
