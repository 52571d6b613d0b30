package dev.millpond.benchmarks;

import dev.millpond.benchmarks.peer.Peer;
import dev.millpond.benchmarks.peer.Reply;
import dev.millpond.benchmarks.peer.ReplyListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Requests to one client, a constant number of them in flight: each response is followed by the next request, from the
 * thread the response came on. A failure is followed by none.
 */
final class Load {

    private static final long PATIENCE_SECONDS = 120;
    private static final int DIGITS = 3;

    private final Peer peer;
    private final int length;
    private final int inFlight;
    private final long durationNanos;

    private final Histogram latencies = new ConcurrentHistogram(DIGITS);
    private final LongAdder failures = new LongAdder();
    private final AtomicBoolean complained = new AtomicBoolean();
    private final CountDownLatch busy;
    private final long startedAt = System.nanoTime();

    /** @param duration after which no further request is sent; zero for one each */
    Load(Peer peer, int length, int inFlight, Duration duration) {
        this.peer = peer;
        this.length = length;
        this.inFlight = inFlight;
        this.durationNanos = duration.toNanos();
        this.busy = new CountDownLatch(inFlight);
    }

    Sample async() throws InterruptedException {
        Usage before = Usage.now();
        for (int i = 0; i < inFlight; i++) {
            new Slot().send();
        }
        return await(before);
    }

    /** @param threads has a thread for each request in flight, and keeps them, as what they allocate is counted */
    Sample blocking(Executor threads) throws InterruptedException {
        Usage before = Usage.now();
        for (int i = 0; i < inFlight; i++) {
            threads.execute(this::sendAndWait);
        }
        return await(before);
    }

    private Sample await(Usage before) throws InterruptedException {
        boolean done = busy.await(durationNanos / 1_000_000_000 + PATIENCE_SECONDS, TimeUnit.SECONDS);
        long wallNanos = System.nanoTime() - startedAt;
        Usage after = Usage.now();
        if (!done) {
            failures.add(busy.getCount());
            System.err.println(busy.getCount() + " requests neither answered nor failed");
        }
        return new Sample(
                latencies.getTotalCount(),
                failures.sum(),
                wallNanos,
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                after.cpuNanosSince(before),
                after.allocatedSince(before),
                Usage.peakRssBytes(),
                Usage.peakThreads());
    }

    private boolean timeIsUp() {
        return System.nanoTime() - startedAt >= durationNanos;
    }

    private void check(int status, long received) throws IOException {
        if (status != 200 || received != length) {
            throw new IOException("expected status 200 and " + length + " bytes, got " + status + " and " + received);
        }
    }

    private void succeeded(long sentAt) {
        latencies.recordValue(System.nanoTime() - sentAt);
    }

    private void failed(Throwable cause) {
        failures.increment();
        if (complained.compareAndSet(false, true)) {
            cause.printStackTrace();
        }
    }

    private void sendAndWait() {
        try {
            do {
                long sentAt = System.nanoTime();
                Reply reply = peer.get();
                check(reply.status(), reply.length());
                succeeded(sentAt);
            } while (!timeIsUp());
        } catch (Exception e) {
            failed(e);
        } finally {
            busy.countDown();
        }
    }

    /** One request after the other. Its field is written before each send, and read by that request's callback. */
    private final class Slot implements ReplyListener {

        private long sentAt;

        void send() {
            sentAt = System.nanoTime();
            peer.fetch(this);
        }

        @Override
        public void onReply(int status, long received) {
            try {
                check(status, received);
            } catch (IOException e) {
                onFailure(e);
                return;
            }
            succeeded(sentAt);
            if (timeIsUp()) {
                busy.countDown();
            } else {
                send();
            }
        }

        @Override
        public void onFailure(Throwable cause) {
            failed(cause);
            busy.countDown();
        }
    }
}
