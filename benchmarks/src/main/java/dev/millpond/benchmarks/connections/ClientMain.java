package dev.millpond.benchmarks.connections;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.ConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Opens connections, sends a request over each at once, and checks every answer. */
final class ClientMain {

    private static final ByteBuffer REQUEST =
            StandardCharsets.US_ASCII.encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static final int CONNECTING_AT_ONCE = 500;

    private ClientMain() {}

    /**
     * @param args a port and how many connections to open. Answers "connect" when they are open, "request" when the
     *     requests are written, "answers" with how many right answers came, and the milliseconds until the first and
     *     until the last; and "footprint" with that.
     */
    public static void main(String... args) throws Exception {
        ConnectOptions target =
                ConnectOptions.to("127.0.0.1", Integer.parseInt(args[0])).connectTimeout(Duration.ofMinutes(1));
        int count = Integer.parseInt(args[1]);
        try (AsyncCore core = AsyncCore.create()) {
            List<Answer> answers = new ArrayList<>(count);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(
                        switch (line) {
                            case "connect" -> connect(core, target, count, answers);
                            case "request" -> request(answers);
                            case "answers" -> summary(answers);
                            default -> Footprint.now().toLine();
                        });
            }
        }
    }

    private static String connect(AsyncCore core, ConnectOptions target, int count, List<Answer> answers)
            throws InterruptedException {
        Semaphore permits = new Semaphore(CONNECTING_AT_ONCE);
        for (int i = 0; i < count; i++) {
            permits.acquire();
            core.connect(target).whenComplete((socket, failure) -> {
                if (failure == null) {
                    Answer answer = new Answer(socket);
                    synchronized (answers) {
                        answers.add(answer);
                    }
                } else {
                    System.err.println(failure);
                }
                permits.release();
            });
        }
        permits.acquire(CONNECTING_AT_ONCE);
        return answers.size() + " connected";
    }

    private static String request(List<Answer> answers) throws IOException {
        for (Answer answer : answers) {
            answer.request(REQUEST.duplicate());
        }
        return "requested";
    }

    private static String summary(List<Answer> answers) throws InterruptedException {
        long right = 0;
        long first = Long.MAX_VALUE;
        long last = 0;
        for (Answer answer : answers) {
            right += answer.await() ? 1 : 0;
            first = Math.min(first, answer.millis());
            last = Math.max(last, answer.millis());
        }
        return right + " " + first + " " + last;
    }
}
