package dev.millpond.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** A client in a process of its own, in one cell. */
interface Subject extends Closeable {

    /** Puts it under load for so long; zero for as many requests as are to be in flight, and no more. */
    Sample measure(Duration duration) throws IOException, InterruptedException;

    static Subject start(Processes processes, Client client, Cell cell, String url) throws IOException {
        return client == Client.WRK ? new Wrk(processes, cell, url) : new ClientProcess(processes, client, cell, url);
    }
}
