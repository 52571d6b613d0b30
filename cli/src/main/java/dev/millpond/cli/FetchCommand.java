package dev.millpond.cli;

import dev.millpond.http.Millpond;
import dev.millpond.http.MillpondBuilder;
import dev.millpond.http.MillpondStats;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "fetch",
        description = {
            "Fetches URLs, each response complete or not at all.",
            "",
            "Bodies go to standard output as they were sent, in the order of the URLs; everything else goes to standard"
                    + " error. Nothing is redirected or decoded.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:an HTTP response, whatever its status", "1:a failed exchange", "2:bad usage"},
        footer = {
            "",
            "Examples:",
            "  millpond fetch http://localhost:8080/",
            "  millpond fetch -i -H 'Accept: application/json' -o answer.json http://localhost:8080/a",
            "  millpond fetch -d @upload.bin -H 'Content-Type: application/octet-stream' http://localhost:8080/",
            "  millpond fetch --repeat 10000 --parallel 64 --stats http://localhost:8080/"
        })
final class FetchCommand implements Callable<Integer> {

    private static final Duration POLL = Duration.ofMillis(100);

    @Spec
    private CommandSpec spec;

    @Mixin
    private RequestOptions request = new RequestOptions();

    @Option(
            names = {"-i", "--include"},
            description = "Print status line and fields to standard error.")
    private boolean include;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the body to FILE, which is replaced only by a complete response. For one URL; with"
                    + " --repeat it gets the last response.")
    private @Nullable Path output;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            description = "Longest time for one whole exchange: 500ms, 5s, 2m. Default: 5m.")
    private @Nullable Duration deadline;

    @Option(
            names = "--max-response",
            paramLabel = "SIZE",
            converter = Size.Converter.class,
            description =
                    "Largest body: 1000, 64k, 10MB (10,000,000), 10MiB (10,485,760). Default: a quarter of the heap.")
    private @Nullable Size maxResponse;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Fetch each URL N times and print a summary of latencies; bodies are not printed then.")
    private int repeat = 1;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Exchanges in flight at most. Default: ${DEFAULT-VALUE}.")
    private int parallel = 8;

    @Option(names = "--stats", description = "Print connections, bytes and threads to standard error.")
    private boolean stats;

    @Parameters(paramLabel = "URL", arity = "1..*", description = "http or https; http:// may be left out.")
    private List<String> urls = List.of();

    private record Started(ClassicHttpRequest request, CompletableFuture<ClassicHttpResponse> response) {}

    @Override
    public Integer call() throws Exception {
        check();
        List<ClassicHttpRequest> requests = request.requests(urls);
        try (Millpond millpond = millpond();
                Progress progress = new Progress("fetch", (long) requests.size() * repeat)) {
            int status = repeat == 1 ? once(millpond, requests, progress) : repeatedly(millpond, requests, progress);
            if (stats) {
                printStats(millpond.stats());
            }
            return status;
        }
    }

    private void check() {
        if (repeat < 1) {
            throw usage("--repeat: expected 1 or more, got " + repeat);
        }
        if (parallel < 1) {
            throw usage("--parallel: expected 1 or more, got " + parallel);
        }
        if (output != null && urls.size() > 1) {
            throw usage("-o: expected one URL, got " + urls.size());
        }
    }

    private Millpond millpond() {
        MillpondBuilder builder = Millpond.builder()
                .disableRedirects()
                .disableRetries()
                .disableCookies()
                .disableContentDecoding();
        if (deadline != null) {
            builder.responseDeadline(deadline).socketTimeout(deadline);
        }
        if (maxResponse != null) {
            builder.maxResponseSize(maxResponse.bytes());
        }
        return builder.build();
    }

    /** Fetches ahead up to the limit, and prints in order. */
    private int once(Millpond millpond, List<ClassicHttpRequest> requests, Progress progress) throws Exception {
        Output out = new Output(output);
        Queue<Started> started = new ArrayDeque<>();
        int status = 0;
        int next = 0;
        for (int done = 0; done < requests.size(); done++) {
            while (next < requests.size() && started.size() < parallel) {
                ClassicHttpRequest each = requests.get(next++);
                started.add(new Started(each, millpond.fetch(each)));
            }
            Started first = started.remove();
            status = Math.max(status, deliver(first, out, progress, done));
        }
        return status;
    }

    private int deliver(Started exchange, Output out, Progress progress, int done) throws Exception {
        try (ClassicHttpResponse response = await(exchange.response(), progress, done)) {
            progress.close();
            if (include) {
                Output.printHead(response, err());
            }
            out.write(response);
            return 0;
        } catch (ExecutionException e) {
            progress.close();
            printFailure(exchange.request(), e);
            return Main.FAILED;
        }
    }

    private static ClassicHttpResponse await(
            CompletableFuture<ClassicHttpResponse> response, Progress progress, int done)
            throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return response.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                progress.at(done);
            }
        }
    }

    private int repeatedly(Millpond millpond, List<ClassicHttpRequest> requests, Progress progress) throws Exception {
        LatencySummary summary = new LatencySummary();
        Semaphore free = new Semaphore(parallel);
        AtomicLong done = new AtomicLong();
        CompletableFuture<ClassicHttpResponse> last =
                CompletableFuture.failedFuture(new IOException("nothing fetched"));
        long startedAt = System.nanoTime();
        for (int round = 0; round < repeat; round++) {
            for (ClassicHttpRequest each : requests) {
                acquire(free, 1, progress, done);
                long sentAt = System.nanoTime();
                last = millpond.fetch(each);
                last.whenComplete((response, failure) -> {
                    if (failure == null) {
                        summary.succeeded(Duration.ofNanos(System.nanoTime() - sentAt));
                    } else {
                        summary.failed(failure);
                    }
                    done.incrementAndGet();
                    free.release();
                });
            }
        }
        acquire(free, parallel, progress, done);
        progress.close();
        summary.print(err(), Duration.ofNanos(System.nanoTime() - startedAt));
        if (output != null && !last.isCompletedExceptionally()) {
            new Output(output).write(last.join());
        }
        if (summary.failures() > 0) {
            err().println("millpond: " + summary.failures() + " of " + (long) repeat * requests.size()
                    + " exchanges failed");
            return Main.FAILED;
        }
        return 0;
    }

    private static void acquire(Semaphore free, int count, Progress progress, AtomicLong done)
            throws InterruptedException {
        while (!free.tryAcquire(count, POLL.toMillis(), TimeUnit.MILLISECONDS)) {
            progress.at(done.get());
        }
        progress.at(done.get());
    }

    private void printFailure(ClassicHttpRequest failed, Exception failure) {
        err().println("millpond: " + url(failed) + ": " + Failures.reason(failure));
    }

    private static String url(ClassicHttpRequest request) {
        return request.getScheme() + "://" + request.getAuthority() + request.getPath();
    }

    private void printStats(MillpondStats sum) {
        err().println("connections: " + sum.connectionsOpened() + " opened, " + sum.connectionsReused()
                + " times reused");
        err().println("bytes: " + sum.bytesReceived() + " received, " + sum.bytesSent() + " sent");
        err().println("peak threads: " + ManagementFactory.getThreadMXBean().getPeakThreadCount());
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
