package dev.millpond.benchmarks;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.Charset;

/** A {@link ServerMain} in another process. */
final class Server implements Closeable {

    private final Process process;
    private final String[] ports;

    Server(Processes processes, int ports) throws IOException {
        process = processes.server(ports);
        // Not closed: with it the server would lose its output.
        BufferedReader out = process.inputReader(Charset.defaultCharset());
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the server did not start");
        }
        this.ports = line.split(" ");
    }

    /** @param port which of its ports, counted from 0 */
    String url(int port, String path) {
        return "http://127.0.0.1:" + ports[port] + path;
    }

    /** The server ends with its input. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.destroy();
    }
}
