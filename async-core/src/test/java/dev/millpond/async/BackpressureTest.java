package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BackpressureTest extends AsyncCoreTestBase {

    @ParameterizedTest
    @MethodSource("transports")
    void aSlowReaderMakesTheSocketUnwritableUntilItReads(String transport) throws Exception {
        Pair pair = narrow(core(transport));
        List<CompletableFuture<Void>> written = new ArrayList<>();
        long total = 0;
        while (total < 32_000_000) {
            written.add(pair.socket().write(ByteBuffer.allocate(16 * 1024)));
            total += 16 * 1024;
        }
        assertThat(pair.socket().writable()).isFalse();

        drain(pair.peer(), total);
        get(CompletableFuture.allOf(written.toArray(CompletableFuture[]::new)));
        eventually(() -> assertThat(pair.socket().writable()).isTrue());
        pair.recorder().await(me -> me.events().contains("writable"));
    }

    private static void drain(Socket peer, long total) throws Exception {
        peer.getInputStream().skipNBytes(total);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bytesOnTheirWayToTheLoopCount(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<Void> busy = new CompletableFuture<>();
        pair.socket().execute(busy::join);
        // So large that the loop has to send it.
        pair.socket().write(ByteBuffer.allocate(64 * 1024));
        pair.socket().write(bytes("behind"));
        assertThat(pair.socket().writable()).isFalse();
        busy.complete(null);
        drain(pair.peer(), 64 * 1024);
        assertThat(read(pair.peer(), 6)).isEqualTo("behind");
        eventually(() -> assertThat(pair.socket().writable()).isTrue());
    }

    /** epoll reads on when the peer ends, and all sockets of a loop receive in the same memory. */
    @ParameterizedTest
    @MethodSource("transports")
    void whatWaitsInAPausedSocketIsLeftAloneByOthers(String transport) throws Exception {
        AsyncCore core = core(builder(transport).eventLoopThreads(1));
        Pair paused = connected(core);
        send(paused.peer(), "first");
        paused.peer().shutdownOutput();
        Pair other = connected(core);
        other.socket().resume();
        for (int i = 1; i <= 20; i++) {
            send(other.peer(), "other");
            other.recorder().awaitText("other".repeat(i));
        }
        paused.socket().resume();
        assertThat(paused.recorder().awaitEnd().text()).isEqualTo("first");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPausedSocketHoldsThePeerBack(String transport) throws Exception {
        CompletableFuture<Void> heardSome = new CompletableFuture<>();
        CompletableFuture<Void> paused = new CompletableFuture<>();
        Pair pair = connected(core(transport), new Recorder() {
            @Override
            public synchronized void onBytes(ByteBuffer bytes) {
                super.onBytes(bytes);
                // Else all of it might be here before this test's thread gets to pause.
                heardSome.complete(null);
                paused.join();
            }
        });
        pair.peer().setSendBufferSize(64 * 1024);
        byte[] much = new byte[30_000_000];
        new Random(5).nextBytes(much);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                pair.peer().getOutputStream().write(much);
                pair.peer().shutdownOutput();
            } catch (java.io.IOException broken) {
                throw new java.io.UncheckedIOException(broken);
            }
        });
        pair.socket().resume();
        get(heardSome);
        pair.socket().pause();
        paused.complete(null);
        CompletableFuture<Integer> atPause = new CompletableFuture<>();
        pair.socket().execute(() -> atPause.complete(pair.recorder().received().length));
        int heard = get(atPause);
        Thread.sleep(100);
        assertThat(pair.recorder().received()).hasSize(heard);
        assertThat(sent).isNotDone();
        pair.socket().resume();
        pair.recorder().awaitEnd();
        get(sent);
        assertThat(pair.recorder().received()).isEqualTo(much);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void nothingIsHeardBeforeTheFirstResume(String transport) throws Exception {
        Pair pair = connected(core(transport));
        send(pair.peer(), "early");
        pair.peer().shutdownOutput();
        Thread.sleep(50);
        assertThat(pair.recorder().events()).isEmpty();
        pair.socket().resume();
        pair.recorder().awaitEnd();
        assertThat(pair.recorder().text()).isEqualTo("early");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void pauseWithinACallTakesEffectAtOnce(String transport) throws Exception {
        AsyncSocket[] self = new AsyncSocket[1];
        AtomicInteger calls = new AtomicInteger();
        Recorder recorder = new Recorder() {
            @Override
            public synchronized void onBytes(ByteBuffer bytes) {
                calls.incrementAndGet();
                self[0].pause();
                super.onBytes(bytes);
            }
        };
        Pair pair = connected(core(transport), recorder);
        self[0] = pair.socket();
        byte[] much = new byte[2_000_000];
        new Random(6).nextBytes(much);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                pair.peer().getOutputStream().write(much);
                pair.peer().shutdownOutput();
            } catch (java.io.IOException broken) {
                throw new java.io.UncheckedIOException(broken);
            }
        });
        int resumed = 0;
        int heard = 0;
        while (heard < much.length) {
            pair.socket().resume();
            heard = recorder.awaitMoreThan(heard);
            resumed++;
        }
        assertThat(calls).hasValue(resumed);
        assertThat(resumed).as("more than fits into one call").isGreaterThan(1);
        pair.socket().resume();
        recorder.awaitEnd();
        get(sent);
        assertThat(recorder.received()).isEqualTo(much);
    }

    @Test
    void resumeAndPauseOfManyThreadsEndAsTheLastSays() throws Exception {
        Pair pair = connected(core("nio"));
        for (int i = 0; i < 1_000; i++) {
            pair.socket().resume();
            pair.socket().pause();
        }
        pair.socket().resume();
        send(pair.peer(), "on");
        pair.recorder().awaitText("on");
    }
}
