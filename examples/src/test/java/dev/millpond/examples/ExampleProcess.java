package dev.millpond.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An example as a user runs it: a process that says on which port it listens. */
final class ExampleProcess implements AutoCloseable {

    static final int PATIENCE_MILLIS = 120_000;

    private final Process process;
    private final int port;

    ExampleProcess(Class<?> example, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                example.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(Charset.defaultCharset());
        String line = out.readLine();
        if (line == null) {
            throw new IOException(example.getSimpleName() + " said nothing");
        }
        port = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }

    String port() {
        return String.valueOf(port);
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
