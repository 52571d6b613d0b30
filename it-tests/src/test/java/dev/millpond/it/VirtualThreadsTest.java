package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millpond.http.apache.MillpondConnectionManagerBuilder;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocking calls on virtual threads, where the JDK has them. */
@Timeout(180)
class VirtualThreadsTest extends DropInTestBase {

    private static final int CALLS = 10_000;

    /** Until all classes are there that it takes: the JVM pins a thread that waits for one. */
    private static final int CALLS_BEFORE = 1_000;

    static ExecutorService virtualThreads() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "a JDK with virtual threads");
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    /** More callers than connections, so that there is waiting of each kind: for a lease, to write, for a response. */
    @Test
    void tenThousandCallWithoutPinningOrDeadlock(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("pinned.jfr");
        ExecutorService executor = virtualThreads();
        try (RawServer server = RawServer.answering(OK);
                Recording recording = new Recording()) {
            CloseableHttpClient client = client(MillpondConnectionManagerBuilder.create()
                    .setMaxConnTotal(200)
                    .setMaxConnPerRoute(200));
            call(executor, client, server, CALLS_BEFORE);
            recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO);
            recording.start();
            call(executor, client, server, CALLS);
            assertThat(server.connections()).isLessThanOrEqualTo(200);
            recording.stop();
            recording.dump(file);
        } finally {
            executor.shutdown();
        }
        assertThat(Files.size(file)).isPositive();
        List<RecordedEvent> pinnedByUs = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .filter(event -> String.valueOf(event.getStackTrace()).contains("dev.millpond"))
                .filter(event ->
                        event.getStackTrace().getFrames().stream().noneMatch(VirtualThreadsTest::isCalledByJvm))
                .toList();
        assertThat(pinnedByUs).isEmpty();
    }

    private static void call(ExecutorService executor, CloseableHttpClient client, RawServer server, int times)
            throws Exception {
        List<Future<String>> calls = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            calls.add(executor.submit(() -> {
                HttpPost post = new HttpPost(server.url());
                post.setEntity(
                        new InputStreamEntity(new ByteArrayInputStream(new byte[100]), 100, ContentType.TEXT_PLAIN));
                return client.execute(post, response -> EntityUtils.toString(response.getEntity()));
            }));
        }
        for (Future<String> call : calls) {
            assertThat(call.get(120, TimeUnit.SECONDS)).isEqualTo("hello");
        }
    }

    /**
     * The JVM itself pins a thread where it loads, initializes or links a class: whoever waits there, for nobody's
     * lock.
     */
    private static boolean isCalledByJvm(RecordedFrame frame) {
        RecordedMethod method = frame.getMethod();
        return method.getName().equals("loadClass")
                || method.getName().equals("<clinit>")
                || method.getType().getName().equals("java.lang.invoke.MethodHandleNatives");
    }
}
