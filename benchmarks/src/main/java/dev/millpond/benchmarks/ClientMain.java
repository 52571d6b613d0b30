package dev.millpond.benchmarks;

import dev.millpond.benchmarks.peer.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * A process that measures one client in one cell: for each number of milliseconds on its standard input it puts the
 * client under load for so long, and prints a {@link Sample}. Ends with its standard input.
 */
final class ClientMain {

    /** So that what a client prints is not taken for a sample. */
    static final String PREFIX = "sample:";

    private final Mode mode;
    private final int length;
    private final int inFlight;
    private final Peer peer;
    private final Executor threads;

    private ClientMain(Mode mode, int length, int inFlight, Peer peer) {
        this.mode = mode;
        this.length = length;
        this.inFlight = inFlight;
        this.peer = peer;
        this.threads =
                mode == Mode.VIRTUAL ? VirtualThreads.executor() : Executors.newFixedThreadPool(Math.max(1, inFlight));
    }

    static String[] arguments(Client client, Cell cell, String url) {
        return new String[] {
            client.name(), cell.mode().name(), String.valueOf(cell.length()), String.valueOf(cell.inFlight()), url
        };
    }

    public static void main(String[] args) throws Exception {
        int inFlight = Integer.parseInt(args[3]);
        Peer peer = Client.valueOf(args[0]).open(args[4], inFlight);
        new ClientMain(Mode.valueOf(args[1]), Integer.parseInt(args[2]), inFlight, peer).run();
        // Some clients keep threads that would not end.
        System.exit(0);
    }

    private void run() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Load load = new Load(peer, length, inFlight, Duration.ofMillis(Long.parseLong(line)));
            Sample sample = mode == Mode.ASYNC ? load.async() : load.blocking(threads);
            System.out.println(PREFIX + sample.toCsv());
        }
    }
}
