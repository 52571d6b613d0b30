package dev.millpond.it;

import static dev.millpond.it.FetchTest.await;
import static dev.millpond.it.FetchTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.bridge.ResponseTooLargeException;
import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What responses hold is within the budget; the rest is in files, and those go away. */
@Timeout(120)
class MemoryTest extends DropInTestBase {

    private static final int MIB = 1 << 20;

    @TempDir
    private Path base;

    private final byte[] large = new byte[5 * MIB + 12_345];

    @BeforeEach
    void fill() {
        new Random(1).nextBytes(large);
    }

    private MillpondBuilder bounded() {
        return Millpond.builder().memoryBudget(2 * MIB).spillThreshold(MIB).spillDirectory(base);
    }

    private RawServer serving() {
        return new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                if (request.startsWith("GET /chunked ")) {
                    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (int at = 0; at < large.length; at += 100_000) {
                        int count = Math.min(100_000, large.length - at);
                        peer.write(Integer.toHexString(count) + "\r\n");
                        peer.write(java.util.Arrays.copyOfRange(large, at, at + count));
                        peer.write("\r\n");
                    }
                    peer.write("0\r\n\r\n");
                } else if (request.startsWith("GET /close ")) {
                    peer.write("HTTP/1.1 200 OK\r\n\r\n");
                    peer.write(large);
                    return;
                } else {
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + large.length + "\r\n\r\n");
                    peer.write(large);
                }
            }
        });
    }

    /** A file, or its directory, may go in the midst of this: what is gone is not listed. */
    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path directory : list(base)) {
            for (Path file : list(directory)) {
                if (file.toString().endsWith(".response")) {
                    files.add(file);
                }
            }
        }
        return files;
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpGet get(RawServer server, String path) {
        return new HttpGet(server.url(path));
    }

    @Test
    void largeResponsesAreKeptInFilesUntilTheyAreClosed() throws Exception {
        try (RawServer server = serving();
                Millpond millpond = bounded().build()) {
            for (String path : List.of("/", "/chunked", "/close", "/")) {
                ClassicHttpResponse response = millpond.fetch(get(server, path)).get(60, TimeUnit.SECONDS);
                assertThat(millpond.stats().spilledResponses()).isEqualTo(1);
                assertThat(millpond.stats().memoryUsed()).isLessThan(1000);
                assertThat(files()).hasSize(1);
                for (int i = 0; i < 2; i++) {
                    try (InputStream content = response.getEntity().getContent()) {
                        assertThat(content.readAllBytes()).isEqualTo(large);
                    }
                }
                InputStream open = response.getEntity().getContent();
                assertThat(open.read()).isEqualTo(large[0] & 0xFF);
                response.close();
                assertThatThrownBy(open::readAllBytes).hasMessage("response closed");
                assertThat(files()).isEmpty();
                assertThat(millpond.stats().spilledResponses()).isZero();
                assertThat(millpond.stats().memoryUsed()).isZero();
            }
            assertThat(server.connections()).isEqualTo(2);
            assertThat(millpond.stats().spilledSoFar()).isEqualTo(4);
        }
    }

    @Test
    void theDropInSpillsTooAndAFullReadGivesAllBack() throws Exception {
        try (RawServer server = serving();
                Millpond millpond = bounded().build()) {
            CloseableHttpClient client = client(millpond.connectionManagerBuilder());
            for (String path : List.of("/", "/chunked", "/close", "/")) {
                ClassicHttpResponse response = execute(client, get(server, path));
                assertThat(millpond.stats().spilledResponses()).isEqualTo(1);
                assertThat(EntityUtils.toByteArray(response.getEntity())).isEqualTo(large);
                assertThat(millpond.stats().spilledResponses()).isZero();
                assertThat(files()).isEmpty();
            }
        }
    }

    @Test
    void whenTheBudgetIsUsedUpSmallerOnesSpillToo() throws Exception {
        byte[] body = new byte[300_000];
        try (RawServer server = new RawServer((peer, connection) -> {
                    while (!peer.readRequest().isEmpty()) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
                        peer.write(body);
                    }
                });
                Millpond millpond = bounded().build()) {
            List<ClassicHttpResponse> kept = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                kept.add(millpond.fetch(get(server, "/")).get(60, TimeUnit.SECONDS));
                assertThat(millpond.stats().memoryUsed())
                        .isLessThan(millpond.stats().memoryBudget() + 30_000);
            }
            assertThat(millpond.stats().spilledResponses()).isBetween(20, 29);
            for (ClassicHttpResponse response : kept) {
                assertThat(EntityUtils.toByteArray(response.getEntity())).isEqualTo(body);
                response.close();
            }
            assertThat(millpond.stats().memoryUsed()).isZero();
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void whatIsForgottenComesBackWhenItIsGarbage() throws Exception {
        try (RawServer server = serving();
                Millpond millpond = bounded().build()) {
            for (int i = 0; i < 3; i++) {
                millpond.fetch(get(server, "/")).get(60, TimeUnit.SECONDS);
            }
            await(() -> {
                System.gc();
                return millpond.stats().spilledResponses() == 0
                        && millpond.stats().memoryUsed() == 0
                        && files().isEmpty();
            });
        }
    }

    /** The stream alone keeps what it reads. */
    @Test
    void aStreamKeepsItsResponse() throws Exception {
        try (RawServer server = serving();
                Millpond millpond = bounded().build()) {
            InputStream content = millpond.fetch(get(server, "/"), response -> response)
                    .thenApply(response -> "closed by fetch")
                    .thenCompose(closed -> millpond.fetch(get(server, "/")))
                    .get(60, TimeUnit.SECONDS)
                    .getEntity()
                    .getContent();
            content.read();
            for (int i = 0; i < 5; i++) {
                System.gc();
                Thread.sleep(10);
            }
            assertThat(content.readAllBytes()).hasSize(large.length - 1);
        }
    }

    @Test
    void anExchangeThatFailsInMidSpillLeavesNothing() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
                    peer.write(large);
                    if (connection == 0) {
                        cancelled.await();
                    }
                });
                Millpond millpond = bounded().build()) {
            CompletableFuture<ClassicHttpResponse> first = millpond.fetch(get(server, "/"));
            await(() -> !files().isEmpty());
            first.cancel(true);
            cancelled.countDown();
            await(() -> files().isEmpty() && millpond.stats().memoryUsed() == 0);
            assertThat(failure(millpond.fetch(get(server, "/"))))
                    .hasMessage("response incomplete: received " + large.length + " of 100000000 bytes of the body");
            await(() -> files().isEmpty() && millpond.stats().memoryUsed() == 0);
            await(() -> millpond.stats().spilledResponses() == 0);
        }
    }

    @Test
    void aDirectoryThatIsGoneFailsThatExchangeAndNoOther() throws Exception {
        try (RawServer server = serving();
                RawServer small = RawServer.answering(OK);
                Millpond millpond =
                        bounded().spillDirectory(base.resolve("later")).build()) {
            assertThat(failure(millpond.fetch(get(server, "/"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("response not stored: cannot write to a file in " + base.resolve("later")
                            + " (spillDirectory): ");
            assertThat(millpond.fetch(get(small, "/"), response -> EntityUtils.toString(response.getEntity()))
                            .get(60, TimeUnit.SECONDS))
                    .isEqualTo("hello");
            Files.createDirectory(base.resolve("later"));
            try (ClassicHttpResponse response = millpond.fetch(get(server, "/")).get(60, TimeUnit.SECONDS)) {
                assertThat(EntityUtils.toByteArray(response.getEntity())).isEqualTo(large);
            }
            await(() -> files().isEmpty() && millpond.stats().memoryUsed() == 0);
            CloseableHttpClient client = client(millpond.connectionManagerBuilder());
            assertThat(body(execute(client, get(small, "/")))).isEqualTo("hello");
        }
    }

    @Test
    void anAnnouncedLengthBeyondTheLimitIsRefusedAtItsHead() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + (1L << 62) + "\r\n\r\n0123456789");
                    peer.awaitClose();
                });
                Millpond millpond = Millpond.create()) {
            assertThat(failure(millpond.fetch(get(server, "/"))))
                    .isInstanceOf(ResponseTooLargeException.class)
                    .hasMessage("response too large: maxResponseSize is 17179869184 bytes, content-length announces "
                            + (1L << 62));
            assertThat(millpond.stats().memoryUsed()).isZero();
        }
    }
}
