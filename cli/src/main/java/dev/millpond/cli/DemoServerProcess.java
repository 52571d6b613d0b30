package dev.millpond.cli;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

/** A {@link DemoServer} in another JVM. */
final class DemoServerProcess implements Closeable {

    private final Process process;
    private final int port;

    DemoServerProcess() throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DemoServer.class.getName()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        // Not closed: with it the server would lose its output.
        BufferedReader out = process.inputReader(Charset.defaultCharset());
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the demo's server did not start");
        }
        port = Integer.parseInt(line);
    }

    String url(String path) {
        return "http://localhost:" + port + path;
    }

    /** The server ends with its input. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.destroy();
    }
}
