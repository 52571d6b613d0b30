package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A listener that keeps what it hears, and lets a test wait for it. */
class Recorder implements SocketListener {

    static final long PATIENCE_SECONDS = 60;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<String> events = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CompletableFuture<IOException> failure = new CompletableFuture<>();
    private @Nullable String misuse;

    @Override
    public synchronized void onBytes(ByteBuffer bytes) {
        check();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        received.writeBytes(copy);
        if (events.isEmpty() || !events.get(events.size() - 1).equals("bytes")) {
            events.add("bytes");
        }
        notifyAll();
    }

    @Override
    public synchronized void onEnd() {
        check();
        events.add("end");
        notifyAll();
        end.complete(null);
    }

    @Override
    public synchronized void onFailure(IOException cause) {
        check();
        events.add("failure");
        notifyAll();
        failure.complete(cause);
    }

    @Override
    public synchronized void onWritable() {
        check();
        events.add("writable");
        notifyAll();
    }

    private void check() {
        if (!AsyncCore.onEventLoop()) {
            misuse = "called on " + Thread.currentThread();
        }
        if (events.contains("failure")) {
            misuse = "called after onFailure";
        }
    }

    synchronized List<String> events() {
        assertThat(misuse).isNull();
        return List.copyOf(events);
    }

    synchronized byte[] received() {
        assertThat(misuse).isNull();
        return received.toByteArray();
    }

    String text() {
        return new String(received(), StandardCharsets.ISO_8859_1);
    }

    /** Waits for the peer's end. */
    Recorder awaitEnd() throws Exception {
        end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    IOException awaitFailure() throws Exception {
        return failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Optional<IOException> failed() {
        return Optional.ofNullable(failure.getNow(null));
    }

    void awaitText(String expected) throws InterruptedException {
        await(me -> me.text().equals(expected));
    }

    /** Waits for more than so many bytes; returns how many there are then, which more may follow at any time. */
    synchronized int awaitMoreThan(int count) throws InterruptedException {
        await(me -> me.received().length > count);
        return received().length;
    }

    synchronized void await(Predicate<Recorder> condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.test(this)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            assertThat(left).as("still waiting; events so far: %s", events).isPositive();
            wait(left);
        }
    }
}
