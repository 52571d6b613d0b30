package dev.millpond.cli;

import dev.millpond.http.Millpond;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import picocli.CommandLine.Command;

@Command(
        name = "demo",
        description = "Shows in half a minute, on this machine alone, what Millpond is for.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class DemoCommand implements Callable<Integer> {

    private static final int SLOW_RESPONSES = 10_000;
    private static final int SPARE_DESCRIPTORS = 500;
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration WATCHED = Duration.ofSeconds(6);

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        try (DemoServerProcess server = new DemoServerProcess()) {
            slowResponses(server.url(DemoServer.SLOW));
            out.println();
            brokenResponses(server);
            return 0;
        }
    }

    private void slowResponses(String url) throws InterruptedException {
        int count = (int) Math.min(SLOW_RESPONSES, Memory.descriptors() - SPARE_DESCRIPTORS);
        if (count < SLOW_RESPONSES) {
            out.println("(this process may have " + Memory.descriptors() + " descriptors: " + count + " responses, not "
                    + SLOW_RESPONSES + ")");
        }
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        long startedAt = System.nanoTime();
        try (Millpond millpond = Millpond.create();
                Progress progress = new Progress("slow responses", count)) {
            for (int i = 0; i < count; i++) {
                millpond.fetch(ClassicRequestBuilder.get(url).build()).whenComplete((response, failure) -> {
                    answered.incrementAndGet();
                    if (failure != null) {
                        failed.incrementAndGet();
                    }
                });
            }
            while (answered.get() < count) {
                progress.at(answered.get());
                Thread.sleep(10);
            }
        }
        Duration wall = Duration.ofNanos(System.nanoTime() - startedAt);
        out.println(grouped(count) + " responses that take 1 s each, awaited at once by this process");
        row("responses, failures", grouped(count - failed.get()) + ", " + failed);
        row("wall time", Durations.text(wall));
        row(
                "threads at most",
                "" + ManagementFactory.getThreadMXBean().getPeakThreadCount() + " (the JVM's own included)");
        row("memory at most", Memory.peak());
    }

    private void brokenResponses(DemoServerProcess server) throws IOException {
        out.println("Responses that break, with a socket timeout of 2 s");
        try (DemoClients clients = new DemoClients(LIMIT)) {
            out.println();
            out.println("500 of 1,000 bytes, then the server closes:");
            row("stock Apache", clients.apache(server.url(DemoServer.TRUNCATED), WATCHED));
            row("Millpond", clients.millpond(server.url(DemoServer.TRUNCATED)));
            out.println();
            out.println("1 byte every 200 ms, 1,000 announced; Millpond has a deadline of 2 s:");
            row("stock Apache", clients.apache(server.url(DemoServer.DRIP), WATCHED));
            row("Millpond", clients.millpond(server.url(DemoServer.DRIP)));
        }
    }

    private void row(String name, String text) {
        int width = 56;
        String label = String.format(Locale.ROOT, "  %-20s", name);
        for (String rest = text; !rest.isEmpty(); ) {
            int end = rest.length() <= width ? rest.length() : rest.lastIndexOf(' ', width);
            end = end <= 0 ? Math.min(width, rest.length()) : end;
            out.println(label + " " + rest.substring(0, end));
            rest = rest.substring(end).trim();
            label = " ".repeat(22);
        }
    }

    private static String grouped(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
