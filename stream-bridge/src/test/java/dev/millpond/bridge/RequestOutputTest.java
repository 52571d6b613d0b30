package dev.millpond.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millpond.async.EventLoop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class RequestOutputTest {

    private static final int FULL = SendWindow.HIGH_WATER_MARK;

    private final ScriptedSocket socket = new ScriptedSocket();
    private final ResponseStream stream =
            ResponseStream.over(socket, ResponseStorage.withDefaults(), () -> {}, socket::nanoTime);
    private final OutputStream output = stream.output();

    @BeforeEach
    void expect() {
        socket.holdWrites = true;
        stream.expect(
                "POST", new ResponseLimits(1000, Duration.ofSeconds(1), Duration.ofSeconds(5)), socket.nanoTime());
    }

    @Test
    void bytesAreWrittenInOrderAndTheArrayMayBeReused() throws IOException {
        byte[] array = {'a', 'b', 'c'};
        output.write(array, 1, 2);
        array[1] = 'x';
        output.write('!');
        assertThat(socket.written).containsExactly("bc", "!");
    }

    @Test
    void aWriterWaitsAtTheHighWaterMarkUntilBytesHaveLeft() throws Exception {
        output.write(new byte[FULL]);
        FutureTask<Void> writer = start(() -> output.write(1));
        awaitWaiting();
        assertThat(String.join("", socket.written)).hasSize(FULL);
        socket.finishWrites();
        writer.get(60, TimeUnit.SECONDS);
        assertThat(String.join("", socket.written)).hasSize(FULL + 1);
    }

    @Test
    void bytesWrittenPastTheStreamCountToo() throws Exception {
        stream.write(java.nio.ByteBuffer.allocate(FULL));
        FutureTask<Void> writer = start(() -> output.write(1));
        awaitWaiting();
        socket.finishWrites();
        writer.get(60, TimeUnit.SECONDS);
    }

    @Test
    void theResponseWakesAWriterAndFailsIt() throws Exception {
        output.write(new byte[FULL]);
        FutureTask<Void> writer = start(() -> output.write(1));
        awaitWaiting();
        socket.receive("HTTP/1.1 413 Big\r\nContent-Length: 0\r\n\r\n");
        assertThatThrownBy(() -> writer.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(SocketException.class)
                .hasMessage("the response came before the end of the request");
        assertThatThrownBy(() -> output.write(1)).isInstanceOf(SocketException.class);
    }

    @Test
    void theDeadlineWakesAWriterAndFailsIt() throws Exception {
        output.write(new byte[FULL]);
        FutureTask<Void> writer = start(() -> output.write(1));
        awaitWaiting();
        socket.advance(Duration.ofSeconds(5));
        assertThatThrownBy(() -> writer.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SocketException.class);
    }

    @Test
    void anInterruptEndsTheWaitAndKeepsTheFlag() throws Exception {
        output.write(new byte[FULL]);
        boolean[] flag = {false};
        FutureTask<Void> writer = new FutureTask<>(() -> {
            try {
                output.write(1);
            } finally {
                flag[0] = Thread.currentThread().isInterrupted();
            }
            return null;
        });
        Thread thread = new Thread(writer, "writer");
        thread.start();
        awaitWaiting();
        thread.interrupt();
        assertThatThrownBy(() -> writer.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedIOException.class);
        assertThat(flag[0]).isTrue();
    }

    @Test
    void anEventLoopMayWriteButNotWait() throws Exception {
        FutureTask<Void> writer = new FutureTask<>(() -> {
            output.write(new byte[FULL]);
            output.write(1);
            return null;
        });
        new Loop(writer).start();
        assertThatThrownBy(() -> writer.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an event loop must not wait");
        assertThat(String.join("", socket.written)).hasSize(FULL);
    }

    @Test
    void aFailedWriteFailsTheNext() throws IOException {
        output.write(1);
        socket.failWrites(new IOException("broken pipe"));
        assertThatThrownBy(() -> output.write(1))
                .isInstanceOf(SocketException.class)
                .hasMessage("request not sent: broken pipe");
    }

    private static final class Loop extends Thread implements EventLoop {
        Loop(Runnable task) {
            super(task, "loop");
        }

        @Override
        public void atTurnEnd(Runnable task) {
            throw new UnsupportedOperationException();
        }
    }

    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    private static FutureTask<Void> start(Task task) {
        FutureTask<Void> future = new FutureTask<>(() -> {
            task.run();
            return null;
        });
        new Thread(future, "writer").start();
        return future;
    }

    /** Until the thread named "writer" waits. */
    private static void awaitWaiting() throws InterruptedException {
        while (Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("writer") && thread.getState() == Thread.State.WAITING)) {
            Thread.sleep(1);
        }
    }
}
