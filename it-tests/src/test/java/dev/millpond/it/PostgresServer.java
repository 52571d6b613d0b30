package dev.millpond.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of one test run, from Debian's package: on a port of 127.0.0.1, in a directory and with a password of
 * its own, with TLS for those who want it.
 */
final class PostgresServer implements AutoCloseable {

    static final String USER = "postgres";

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final String READY = "database system is ready to accept connections";
    private static final long PATIENCE_SECONDS = 120;

    final String password = UUID.randomUUID().toString();

    private final Path programs;
    private final Path directory = Files.createTempDirectory("millpond-postgres");
    private final List<String> unprivileged = new ArrayList<>();
    private final Thread atExit = new Thread(this::end);
    private final Socket reservation = new Socket();
    private @Nullable Process process;

    /** Or nothing where it is not installed. */
    static Optional<PostgresServer> start() throws Exception {
        Optional<Path> programs = programs();
        if (programs.isEmpty()) {
            return Optional.empty();
        }
        PostgresServer server = new PostgresServer(programs.get());
        try {
            server.run();
            return Optional.of(server);
        } catch (Exception | Error failure) {
            server.close();
            throw failure;
        }
    }

    private static Optional<Path> programs() throws IOException {
        if (!Files.isDirectory(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.sorted(Comparator.reverseOrder())
                    .map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                    .findFirst();
        }
    }

    private PostgresServer(Path programs) throws IOException {
        this.programs = programs;
        // Bound, so that nobody else is given the port; the server gets it as both share it and this one won't listen.
        reservation.setReuseAddress(true);
        reservation.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        // Tests are stopped now and then.
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    String url() {
        return "jdbc:postgresql://localhost:" + reservation.getLocalPort() + "/" + USER;
    }

    Path authority() {
        return directory.resolve("ca.crt");
    }

    private void run() throws Exception {
        writeFiles();
        process = launch(
                "initdb",
                List.of("-U", USER, "-A", "scram-sha-256", "--pwfile=" + directory.resolve("password"), "--no-sync"));
        awaitLine(process, "Success. You can now start the database server");
        process = launch(
                "postgres",
                List.of(
                        "-p",
                        String.valueOf(reservation.getLocalPort()),
                        "-h",
                        "127.0.0.1",
                        "-k",
                        "",
                        "-F",
                        "-l",
                        "--ssl_cert_file=" + directory.resolve("server.crt"),
                        "--ssl_key_file=" + directory.resolve("server.key")));
        awaitLine(process, READY);
    }

    private void writeFiles() throws IOException, GeneralSecurityException {
        new TestCertificates().write(directory, "localhost");
        Files.writeString(directory.resolve("password"), password);
        for (String secret : List.of("server.key", "password")) {
            Files.setPosixFilePermissions(directory.resolve(secret), PosixFilePermissions.fromString("rw-------"));
        }
        if (System.getProperty("user.name").equals("root")) {
            giveAway();
        }
    }

    /** PostgreSQL refuses to run as root, but its package makes a user. */
    private void giveAway() throws IOException {
        unprivileged.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups"));
        UserPrincipal user =
                directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, user);
            }
        }
    }

    private Process launch(String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(unprivileged);
        command.addAll(List.of(
                programs.resolve(program).toString(),
                "-D",
                directory.resolve("cluster").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        return builder.directory(directory.toFile()).start();
    }

    /** Goes on reading, so that the process is never held up. */
    private static void awaitLine(Process process, String expected) throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> found = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader out = process.inputReader(Charset.defaultCharset())) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    lines.add(line);
                    if (line.contains(expected)) {
                        found.complete(null);
                    }
                }
            } catch (IOException ended) {
                lines.add(ended.toString());
            }
            found.completeExceptionally(new IOException(String.join("\n", lines)));
        });
        reader.setDaemon(true);
        reader.start();
        found.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        end();
    }

    private void end() {
        try (reservation) {
            Process running = process;
            if (running != null) {
                launch("pg_ctl", List.of("stop", "-m", "immediate")).waitFor();
                running.destroyForcibly().waitFor();
            }
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
