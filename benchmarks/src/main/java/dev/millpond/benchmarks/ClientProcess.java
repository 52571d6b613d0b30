package dev.millpond.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A {@link ClientMain} in another process. */
final class ClientProcess implements Subject {

    private final Client client;
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    ClientProcess(Processes processes, Client client, Cell cell, String url) throws IOException {
        this.client = client;
        process = processes.client(client, cell, url);
        out = process.inputReader(Charset.defaultCharset());
        in = process.outputWriter(Charset.defaultCharset());
    }

    @Override
    public Sample measure(Duration duration) throws IOException {
        in.write(duration.toMillis() + "\n");
        in.flush();
        String line = out.readLine();
        while (line != null && !line.startsWith(ClientMain.PREFIX)) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IOException(client.label + " ended without a sample");
        }
        return Sample.fromCsv(line.substring(ClientMain.PREFIX.length()));
    }

    /** It ends with its input, and is made to if it doesn't: two at once would disturb each other. */
    @Override
    public void close() throws IOException {
        in.close();
        try {
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
