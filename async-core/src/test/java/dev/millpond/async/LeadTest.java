package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that run an event loop while they wait for one of its sockets. */
@Timeout(180)
class LeadTest extends AsyncCoreTestBase {

    private static final long LONG = TimeUnit.SECONDS.toNanos(Recorder.PATIENCE_SECONDS);

    /** A listener that keeps on which threads it was called. */
    private static final class Threads extends Recorder {

        volatile List<Thread> threads = List.of();

        @Override
        public synchronized void onBytes(ByteBuffer bytes) {
            threads = Stream.concat(threads.stream(), Stream.of(Thread.currentThread()))
                    .toList();
            super.onBytes(bytes);
        }
    }

    private final AsyncCore core = core(builder("epoll").eventLoopThreads(1));
    private final Threads recorder = new Threads();

    @AfterEach
    void leave() {
        LedLoop.leave();
    }

    private Pair patientPair() throws Exception {
        Pair pair = connected(core, recorder);
        pair.socket().resume();
        pair.socket().execute(() -> pair.socket().patient(true));
        return pair;
    }

    /** Leads once the loop's own thread has lent it, which it does for one who comes again soon after a turn. */
    private static void lead(AsyncSocket socket, BooleanSupplier over, long nanos) throws Exception {
        long deadline = System.nanoTime() + LONG;
        do {
            assertThat(System.nanoTime()).as("never lent").isLessThan(deadline);
            CompletableFuture<Void> turn = new CompletableFuture<>();
            socket.execute(() -> turn.complete(null));
            get(turn);
        } while (!socket.lead(over, nanos));
    }

    /** Does something when it is asked first, which is when the thread leads already. */
    private static BooleanSupplier first(Task task, BooleanSupplier over) {
        AtomicBoolean done = new AtomicBoolean();
        return () -> {
            if (done.compareAndSet(false, true)) {
                try {
                    task.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return over.getAsBoolean();
        };
    }

    private interface Task {
        void run() throws IOException;
    }

    private static Thread onceInEpoll(Thread waiting, Runnable task) {
        return onceIn("epollWait", waiting, task);
    }

    private static Thread onceIn(String method, Thread waiting, Runnable task) {
        Thread thread = new Thread(() -> {
            while (Stream.of(waiting.getStackTrace())
                    .noneMatch(frame -> frame.getMethodName().startsWith(method))) {
                Thread.onSpinWait();
            }
            task.run();
        });
        thread.start();
        return thread;
    }

    @Test
    void whoWaitsDealsWithWhatArrivesItself() throws Exception {
        Pair pair = patientPair();
        lead(
                pair.socket(),
                first(() -> pair.peer().getOutputStream().write(latin("hi")), () -> !recorder.text()
                        .isEmpty()),
                LONG);
        assertThat(recorder.text()).isEqualTo("hi");
        assertThat(recorder.threads).containsExactly(Thread.currentThread());
        assertThat(AsyncCore.onEventLoop()).isFalse();
    }

    @Test
    void whatArrivesWhileNobodyLeadsIsDeliveredByTheLoopsOwnThread() throws Exception {
        Pair pair = patientPair();
        // Long enough for the loop's own thread to wait for the end of it.
        lead(pair.socket(), () -> false, TimeUnit.MILLISECONDS.toNanos(20));
        pair.peer().getOutputStream().write(latin("hi"));
        recorder.awaitText("hi");
        assertThat(recorder.threads)
                .allSatisfy(thread -> assertThat(thread.getName()).startsWith("millpond-loop"));
    }

    @Test
    void whoCatchesUpSeesWhatHasCome() throws Exception {
        Thread seenBy;
        do {
            CompletableFuture<Thread> end = new CompletableFuture<>();
            Pair pair = connected(core, new Recorder() {
                @Override
                public synchronized void onEnd() {
                    end.complete(Thread.currentThread());
                }
            });
            pair.socket().resume();
            pair.socket().execute(() -> pair.socket().patient(true));
            lead(pair.socket(), () -> true, LONG);
            pair.peer().shutdownOutput();
            pair.socket().catchUp();
            seenBy = get(end);
            pair.socket().abort();
            get(pair.socket().closed());
            // The loop's own thread may have taken over in between.
        } while (seenBy != Thread.currentThread());
    }

    @Test
    void whoLeadsGivesWayToWhatOthersWant() throws Exception {
        Pair pair = patientPair();
        CompletableFuture<Void> ran = new CompletableFuture<>();
        Thread other = onceInEpoll(Thread.currentThread(), () -> pair.socket().execute(() -> ran.complete(null)));
        lead(pair.socket(), () -> false, LONG);
        get(ran);
        other.join();
    }

    @Test
    void aSocketThatIsNotPatientKeepsTheLoopFromBeingLent() throws Exception {
        Pair patient = patientPair();
        Pair other = connected(core, new Recorder());
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            patient.socket().execute(() -> turn.complete(null));
            get(turn);
            assertThat(patient.socket().lead(() -> true, LONG)).isFalse();
        }
        other.socket().abort();
        get(other.socket().closed());
        lead(patient.socket(), () -> true, LONG);
    }

    @Test
    void whoWaitsForOneSocketOverAndOverGetsTheLoop() throws Exception {
        Pair pair = connected(core, recorder);
        pair.socket().resume();
        lead(pair.socket(), () -> true, LONG);
        Pair other = connected(core, new Recorder());
        for (int i = 0; i < 100; i++) {
            assertThat(pair.socket().lead(() -> true, LONG)).isFalse();
        }
        other.socket().abort();
        get(other.socket().closed());
    }

    /** Within one turn of the loop's own thread, at whose end it would be lent. */
    @Test
    void whoAsksForTheLoopDoesNotWaitForItForever() throws Exception {
        Pair pair = patientPair();
        CountDownLatch end = new CountDownLatch(1);
        pair.socket().execute(() -> await(end));
        try {
            for (int i = 0; i < 100; i++) {
                assertThat(pair.socket().lead(() -> true, TimeUnit.MILLISECONDS.toNanos(1)))
                        .isFalse();
            }
            Thread me = Thread.currentThread();
            Thread other = onceIn("ask", me, me::interrupt);
            while (!Thread.interrupted()) {
                assertThat(pair.socket().lead(() -> true, LONG)).isFalse();
            }
            other.join();
        } finally {
            end.countDown();
        }
        lead(pair.socket(), () -> true, LONG);
    }

    private static void await(CountDownLatch end) {
        try {
            assertThat(end.await(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsOverKeepsNothingFromBeingLent() throws Exception {
        Pair patient = patientPair();
        Pair ended = connected(core, new Recorder());
        ended.socket().resume();
        ended.peer().close();
        ended.recorder().awaitEnd();
        ended.socket().close();
        get(ended.socket().closed());
        Pair reset = connected(core, new Recorder());
        reset.socket().resume();
        reset.peer().setSoLinger(true, 0);
        reset.peer().close();
        reset.recorder().awaitFailure();
        ServerSocket nobody = peer();
        nobody.close();
        failureOf(core.connect(to(nobody)));
        failureOf(core.connect(ConnectOptions.to("no-such-name.invalid", 80)));
        lead(patient.socket(), () -> true, LONG);
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        Pair pair = patientPair();
        Thread me = Thread.currentThread();
        Thread other = onceInEpoll(me, me::interrupt);
        lead(pair.socket(), () -> false, LONG);
        assertThat(Thread.interrupted()).isTrue();
        other.join();
    }

    @Test
    void itEndsInTime() throws Exception {
        Pair pair = patientPair();
        lead(pair.socket(), () -> false, TimeUnit.MILLISECONDS.toNanos(20));
        lead(pair.socket(), () -> false, 0);
    }

    @Test
    void whoLeadsGivesWayToTimers() throws Exception {
        Pair pair = patientPair();
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        lead(
                pair.socket(),
                first(
                        () -> pair.socket().delay(Duration.ofMillis(50), () -> ran.complete(Thread.currentThread())),
                        () -> false),
                LONG);
        assertThat(get(ran).getName()).startsWith("millpond-loop");
    }

    @Test
    void closingTheCoreEndsIt() throws Exception {
        Pair pair = patientPair();
        Thread other = onceInEpoll(Thread.currentThread(), core::close);
        lead(pair.socket(), () -> false, LONG);
        other.join();
        recorder.awaitFailure();
        assertThat(pair.socket().lead(() -> true, LONG)).isFalse();
    }

    @Test
    void aCoreThatIsClosedByWhoLeadsIsClosed() throws Exception {
        Pair pair = patientPair();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        core.onClose(() -> closed.complete(null));
        lead(pair.socket(), first(core::close, () -> false), LONG);
        get(closed);
        get(pair.socket().closed());
    }

    @Test
    void whatIsToRunHereRunsOnTheCallingThreadWhileNobodyLeads() throws Exception {
        Pair pair = patientPair();
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        do {
            lead(pair.socket(), () -> true, LONG);
            CompletableFuture<Thread> next = new CompletableFuture<>();
            pair.socket().executeHere(() -> {
                assertThat(pair.socket().inEventLoop()).isTrue();
                next.complete(Thread.currentThread());
            });
            ran = next;
            // The loop's own thread may have taken over in between.
        } while (get(ran) != Thread.currentThread());
        assertThat(pair.socket().inEventLoop()).isFalse();
    }

    @Test
    void notOverNioNorOnAnEventLoop() throws Exception {
        Pair nio = connected(core("nio"));
        nio.socket().execute(() -> nio.socket().patient(true));
        Pair pair = patientPair();
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        pair.socket().execute(() -> onLoop.complete(pair.socket().lead(() -> true, LONG)));
        assertThat(get(onLoop)).isFalse();
        for (int i = 0; i < 100; i++) {
            assertThat(nio.socket().lead(() -> true, LONG)).isFalse();
        }
        CompletableFuture<Void> ran = new CompletableFuture<>();
        nio.socket().executeHere(() -> ran.complete(null));
        get(ran);
    }

    /** Leads as who runs callbacks does, once the loop's own thread has lent it. */
    private static EventLoop leadForCallbacks(Pair pair, BooleanSupplier over) throws Exception {
        long deadline = System.nanoTime() + LONG;
        AtomicBoolean led = new AtomicBoolean();
        EventLoop loop;
        do {
            assertThat(System.nanoTime()).as("never lent").isLessThan(deadline);
            loop = loop(pair);
            loop.lead(() -> {
                led.set(true);
                return over.getAsBoolean();
            });
        } while (!led.get());
        return loop;
    }

    private static EventLoop loop(Pair pair) throws Exception {
        CompletableFuture<EventLoop> turn = new CompletableFuture<>();
        pair.socket().execute(() -> turn.complete(EventLoop.current()));
        return get(turn);
    }

    private Pair awaitedPair() throws Exception {
        Pair pair = connected(core, recorder);
        pair.socket().resume();
        return pair;
    }

    @Test
    void whoRunsCallbacksLeadsUntilThereAreSomeAndComesBack() throws Exception {
        Pair pair = awaitedPair();
        int before;
        do {
            int length = recorder.text().length();
            EventLoop loop = leadForCallbacks(
                    pair,
                    first(
                            () -> pair.peer().getOutputStream().write(latin("hi")),
                            () -> recorder.text().length() > length));
            assertThat(recorder.threads).last().isEqualTo(Thread.currentThread());
            assertThat(AsyncCore.onEventLoop()).isFalse();
            before = recorder.threads.size();
            loop.lead(first(() -> pair.peer().getOutputStream().write(latin("!")), () -> recorder.text()
                    .endsWith("!")));
            // The loop's own thread may have taken over in between.
        } while (recorder.threads.size() == before);
        assertThat(pair.socket().inEventLoop()).isFalse();
    }

    @Test
    void whoRunsCallbacksSendsOnItsOwnThread() throws Exception {
        Pair pair = awaitedPair();
        CompletableFuture<Thread> sentBy;
        do {
            leadForCallbacks(pair, () -> true);
            CompletableFuture<Thread> ran = new CompletableFuture<>();
            pair.socket().executeHere(() -> ran.complete(Thread.currentThread()));
            sentBy = ran;
            // The loop's own thread may have taken over in between.
        } while (get(sentBy) != Thread.currentThread());
    }

    @Test
    void whoRunsCallbacksLeadsOnlyWhileSomebodyWaits() throws Exception {
        Pair pair = patientPair();
        leadForCallbacks(pair, () -> false);
        assertThat(pair.socket().comesBack()).isFalse();
    }

    @Test
    void whoRunsCallbacksGivesWayToWhatOthersWant() throws Exception {
        Pair pair = awaitedPair();
        CompletableFuture<Void> ran = new CompletableFuture<>();
        Thread other = onceInEpoll(Thread.currentThread(), () -> pair.socket().execute(() -> ran.complete(null)));
        leadForCallbacks(pair, () -> false);
        get(ran);
        other.join();
    }

    @Test
    void whoRunsCallbacksForTooLongIsNotWaitedFor() throws Exception {
        Pair pair = awaitedPair();
        leadForCallbacks(pair, () -> true);
        pair.peer().getOutputStream().write(latin("hi"));
        recorder.awaitText("hi");
        assertThat(recorder.threads)
                .allSatisfy(thread -> assertThat(thread.getName()).startsWith("millpond-loop"));
        // Back too late, and yet in good order.
        leadForCallbacks(pair, () -> true);
    }

    @Test
    void whoDoesNotComeBackIsNotWaitedFor() throws Exception {
        Pair pair = awaitedPair();
        leadForCallbacks(pair, () -> true);
        LedLoop.leave();
        assertThat(pair.socket().comesBack()).isFalse();
        pair.peer().getOutputStream().write(latin("hi"));
        recorder.awaitText("hi");
        assertThat(recorder.threads)
                .allSatisfy(thread -> assertThat(thread.getName()).startsWith("millpond-loop"));
    }

    @Test
    void anInterruptedThreadThatRunsCallbacksDoesNotLead() throws Exception {
        Pair pair = awaitedPair();
        Thread me = Thread.currentThread();
        Thread other = onceInEpoll(me, me::interrupt);
        EventLoop loop = leadForCallbacks(pair, () -> false);
        loop.lead(() -> {
            throw new AssertionError("leads");
        });
        assertThat(Thread.interrupted()).isTrue();
        other.join();
    }

    /** One at a time, whoever leads: two at once would lose counts, and a task that is forgotten would be missed. */
    @Test
    void manyThreadsThatLeadAndSendLoseNothing() throws Exception {
        int threads = 4;
        int rounds = 3000;
        Pair pair = patientPair();
        AsyncSocket socket = pair.socket();
        EventLoop loop = loop(pair);
        int[] count = new int[1];
        AtomicInteger led = new AtomicInteger();
        CountDownLatch tasks = new CountDownLatch(3 * threads * rounds);
        Runnable task = () -> {
            count[0]++;
            tasks.countDown();
        };
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < rounds; round++) {
                    socket.executeHere(task);
                    socket.execute(task);
                    if (socket.lead(() -> true, ThreadLocalRandom.current().nextLong(50_000))) {
                        led.incrementAndGet();
                    }
                    loop.lead(() -> true);
                    socket.delay(Duration.ofNanos(ThreadLocalRandom.current().nextInt(100_000)), task);
                }
            });
            all.add(thread);
            thread.start();
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(tasks.await(Recorder.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Integer> total = new CompletableFuture<>();
        socket.execute(() -> total.complete(count[0]));
        assertThat(get(total)).isEqualTo(3 * threads * rounds);
        pair.peer().getOutputStream().write(latin("still there"));
        recorder.awaitText("still there");
    }
}
