package dev.millpond.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts server and clients, each in a process of its own; pinned, the server to one processor and all clients to
 * another.
 */
record Processes(boolean pinned) {

    private static final String SERVER_PROCESSOR = "0";
    private static final String CLIENT_PROCESSOR = "1";
    private static final int RELEASE = Runtime.version().feature();

    /** Whether there are a {@code taskset} and two processors to use it for. */
    static boolean canPin() throws InterruptedException {
        try {
            return new ProcessBuilder("taskset", "-c", SERVER_PROCESSOR, "taskset", "-c", CLIENT_PROCESSOR, "true")
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    static boolean onPath(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    Process server(int ports) throws IOException {
        List<String> command = java(ServerMain.class, List.of());
        command.add(String.valueOf(ports));
        return start(SERVER_PROCESSOR, command);
    }

    Process client(Client client, Cell cell, String url) throws IOException {
        List<String> options = new ArrayList<>();
        if (client == Client.JDK && pinned) {
            // With fewer than three processors CompletableFuture starts a thread for each task. Told of three, the JVM
            // would choose another collector than for all others.
            options.add("-XX:ActiveProcessorCount=3");
            options.add("-XX:+UseSerialGC");
        }
        List<String> command = java(ClientMain.class, options);
        command.addAll(List.of(ClientMain.arguments(client, cell, url)));
        return start(CLIENT_PROCESSOR, command);
    }

    Process program(List<String> command) throws IOException {
        return start(CLIENT_PROCESSOR, command);
    }

    private Process start(String processor, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>();
        if (pinned) {
            whole.addAll(List.of("taskset", "-c", processor));
        }
        whole.addAll(command);
        return new ProcessBuilder(whole).redirectError(Redirect.INHERIT).start();
    }

    private static List<String> java(Class<?> main, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What Netty does needs leave in newer JDKs.
        if (RELEASE >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (RELEASE >= 23) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return command;
    }
}
