package dev.millpond.benchmarks.connections;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of ours that answers each line with a line, and ends with its input. */
final class Child implements AutoCloseable {

    /** Small, and the collector that takes least: as one would run it on a small machine. */
    static final List<String> JVM_OPTIONS = List.of(
            "-XX:+UseSerialGC", "-Xmx96m", "-Xss256k", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=32m");

    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    Child(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(JVM_OPTIONS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        out = process.inputReader(Charset.defaultCharset());
        in = process.outputWriter(Charset.defaultCharset());
    }

    void tell(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
    }

    String hear() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new IOException("a process ended before it answered");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
