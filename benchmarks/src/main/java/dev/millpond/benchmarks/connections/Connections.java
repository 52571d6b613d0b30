package dev.millpond.benchmarks.connections;

import dev.millpond.benchmarks.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Holds thousands of connections, each with a request that waits for its answer, and prints what that takes as
 * Markdown. Servers and clients are processes of their own, as many as the limit on open files asks for.
 */
final class Connections {

    private static final long DELAY_SECONDS = 10;

    /** Fewer than a process may open, as it has other files open too. */
    private static final int RESERVE = 500;

    private Connections() {}

    /** @param args the revision, how many files a process may open, and numbers of connections */
    public static void main(String... args) throws IOException, InterruptedException {
        long limit = Long.parseLong(args[1]) - RESERVE;
        System.out.println(Row.HEAD);
        for (String connections : List.of(args).subList(2, args.length)) {
            long count = Long.parseLong(connections);
            System.out.println(hold(count, (int) ((count + limit - 1) / limit), DELAY_SECONDS));
        }
        System.out.println();
        Environment.of(List.of(), args[0]).forEach((what, value) -> System.out.println("- " + what + ": " + value));
        System.out.println("- open files a process may have: " + args[1]);
        System.out.println("- each process: `java " + String.join(" ", Child.JVM_OPTIONS) + "`");
    }

    /** @throws IllegalStateException unless all were held at once, and all got the right answer */
    static Row hold(long count, int processes, long delaySeconds) throws IOException, InterruptedException {
        List<Child> servers = new ArrayList<>();
        List<Child> clients = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                Child server = new Child(ServerMain.class, String.valueOf(delaySeconds));
                servers.add(server);
                long share = count * (i + 1) / processes - count * i / processes;
                clients.add(new Child(ClientMain.class, server.hear(), String.valueOf(share)));
            }
            Footprint before = footprint(servers);
            expect(count, askAll(clients, "connect"), "connected");
            tellAll(clients, "request");
            awaitRequests(servers, count, delaySeconds);
            Footprint held = footprint(servers);
            hearAll(clients);
            long clientsResident = footprint(clients).resident();
            List<String> answers = askAll(clients, "answers");
            expect(count, answers, "answered right");
            return new Row(count, processes, before, held, footprint(servers), clientsResident, answers);
        } finally {
            servers.forEach(Child::close);
            clients.forEach(Child::close);
        }
    }

    private static void expect(long count, List<String> numbers, String what) {
        long sum = sum(numbers);
        if (sum != count) {
            throw new IllegalStateException("expected " + count + " " + what + ", got " + sum);
        }
    }

    private static long sum(List<String> numbers) {
        return numbers.stream()
                .mapToLong(line -> Long.parseLong(line.split(" ", -1)[0]))
                .sum();
    }

    /** Until all requests wait for their answers at the same time. */
    private static void awaitRequests(List<Child> servers, long count, long delaySeconds)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(delaySeconds);
        long waiting = 0;
        while (waiting < count) {
            TimeUnit.MILLISECONDS.sleep(50);
            waiting = sum(askAll(servers, "waiting"));
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the first was answered before all had asked");
            }
        }
    }

    private static Footprint footprint(List<Child> children) throws IOException {
        return askAll(children, "footprint").stream().map(Footprint::ofLine).reduce(Footprint.NOTHING, Footprint::plus);
    }

    private static List<String> askAll(List<Child> children, String question) throws IOException {
        tellAll(children, question);
        return hearAll(children);
    }

    private static void tellAll(List<Child> children, String line) throws IOException {
        for (Child child : children) {
            child.tell(line);
        }
    }

    private static List<String> hearAll(List<Child> children) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Child child : children) {
            lines.add(child.hear());
        }
        return lines;
    }
}
