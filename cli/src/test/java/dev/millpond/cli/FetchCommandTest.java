package dev.millpond.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class FetchCommandTest {

    private static final byte[] BINARY = new byte[256 * 1000];

    static {
        for (int i = 0; i < BINARY.length; i++) {
            BINARY[i] = (byte) i;
        }
    }

    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @TempDir
    private Path dir;

    @BeforeEach
    void start() throws IOException {
        System.setOut(new PrintStream(out, true, UTF_8));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + exchange.getRequestHeaders().getFirst("X-Mine") + " " + new String(body, ISO_8859_1));
            exchange.getResponseHeaders().add("X-Served", "yes");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(
                    exchange.getRequestURI().getPath().equals("/missing") ? 404 : 200, head ? -1 : BINARY.length);
            if (!head) {
                exchange.getResponseBody().write(BINARY);
            }
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        System.setOut(stdout);
        server.stop(0);
    }

    @Test
    void aBodyIsPrintedByteForByteAndNothingElse() {
        assertThat(run("fetch", url("/"))).isZero();
        assertThat(out.toByteArray()).isEqualTo(BINARY);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void httpMayBeLeftOut() {
        assertThat(run("fetch", url("/").substring("http://".length()))).isZero();
        assertThat(out.size()).isEqualTo(BINARY.length);
    }

    @Test
    void anyStatusIsASuccess() {
        assertThat(run("fetch", url("/missing"))).isZero();
    }

    @Test
    void includePrintsTheHeadToStandardError() {
        assertThat(run("fetch", "-i", url("/"))).isZero();
        assertThat(err.toString()).startsWith("HTTP/1.1 200 OK").containsIgnoringCase("x-served: yes");
        assertThat(out.toByteArray()).isEqualTo(BINARY);
    }

    @Test
    void methodFieldsAndDataAreSent() {
        assertThat(run("fetch", "-X", "PUT", "-H", "X-Mine: a b", "-d", "k=v", url("/x?y")))
                .isZero();
        assertThat(requests).containsExactly("PUT /x?y application/x-www-form-urlencoded a b k=v");
    }

    @Test
    void dataImpliesPostAndAFileIsSentUnchanged() throws IOException {
        Path file = Files.write(dir.resolve("body"), new byte[] {0, 13, 10, (byte) 255});
        assertThat(run("fetch", "-H", "content-type: a/b", "-d", "@" + file, url("/")))
                .isZero();
        assertThat(requests).hasSize(1);
        assertThat(requests.get(0)).isEqualTo("POST / a/b null \0\r\n\u00ff");
    }

    @Test
    void headPrintsNothing() {
        assertThat(run("fetch", "-X", "HEAD", url("/"))).isZero();
        assertThat(out.size()).isZero();
    }

    @Test
    void outputIsReplacedByACompleteResponseOnly() throws IOException {
        Path file = Files.writeString(dir.resolve("out"), "old");
        try (ServerSocket truncating = truncating()) {
            assertThat(run("fetch", "-o", file.toString(), "http://localhost:" + truncating.getLocalPort() + "/"))
                    .isEqualTo(1);
        }
        assertThat(file).hasContent("old");
        assertThat(run("fetch", "-o", file.toString(), url("/"))).isZero();
        assertThat(file).hasBinaryContent(BINARY);
        assertThat(dir.toFile().list()).containsExactly("out");
        assertThat(out.size()).isZero();
    }

    @Test
    void aFailureIsOneLineAndTheOthersAreStillPrinted() throws IOException {
        try (Socket deaf = new Socket()) {
            // Bound, so that nobody else gets the port, and not listening.
            deaf.bind(new InetSocketAddress(0));
            String dead = "http://localhost:" + deaf.getLocalPort() + "/";
            assertThat(run("fetch", url("/"), dead, url("/"))).isEqualTo(1);
            assertThat(out.size()).isEqualTo(2 * BINARY.length);
            assertThat(err.toString())
                    .startsWith("millpond: " + dead + ": HttpHostConnectException: connect to localhost:"
                            + deaf.getLocalPort() + " failed: ")
                    .hasLineCount(1);
        }
    }

    @Test
    void theDeadlineAndTheLargestBodyHold() throws IOException {
        assertThat(run("fetch", "--max-response", "1k", url("/"))).isEqualTo(1);
        assertThat(err.toString())
                .contains("ResponseTooLargeException: response too large: maxResponseSize is 1000 bytes");
        try (ServerSocket silent = new ServerSocket(0)) {
            assertThat(run("fetch", "--deadline", "200ms", "http://localhost:" + silent.getLocalPort() + "/"))
                    .isEqualTo(1);
        }
        assertThat(err.toString()).containsPattern("(ResponseDeadline|SocketTimeout)Exception: .* 200 ms");
        assertThat(out.size()).isZero();
    }

    @Test
    void repeatingPrintsASummaryAndNoBodies() {
        assertThat(run("fetch", "--repeat", "20", "--parallel", "4", "--stats", url("/"), url("/a")))
                .isZero();
        assertThat(requests).hasSize(40);
        assertThat(out.size()).isZero();
        assertThat(err.toString())
                .containsPattern("40 responses, 0 failures in .*: \\d+/s")
                .containsPattern("latency: min .*, p50 .*, p90 .*, p99 .*, max ")
                .containsPattern("connections: [1-9]\\d* opened, \\d+ times reused")
                .containsPattern("bytes: \\d+ received, \\d+ sent")
                .containsPattern("peak threads: \\d+");
    }

    @ParameterizedTest
    @CsvSource({
        "--repeat 0 http://localhost/,--repeat",
        "--parallel 0 http://localhost/,--parallel",
        "--deadline soon http://localhost/,expected a duration",
        "--deadline 0s http://localhost/,expected a duration",
        "--max-response lots http://localhost/,expected a size",
        "-X G:T http://localhost/,expected a method",
        "-H oops http://localhost/,expected 'Name: value'",
        "-d @/nothing/here http://localhost/,expected a file",
        "-o x http://localhost/ http://localhost/,expected one URL",
        "ftp://localhost/,expected http or https",
        "http://,expected",
        "http://local|host/,expected a URL",
        "--nonsense http://localhost/,Unknown option",
        "'',Missing required parameter"
    })
    void badUsageIsToldInALineAndAHint(String arguments, String expected) {
        String[] all = ("fetch " + (arguments == null ? "" : arguments)).trim().split(" ");
        assertThat(run(all)).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("millpond: ")
                .contains(expected)
                .endsWith("Try 'millpond fetch --help'.\n");
    }

    @Test
    void noCommandIsBadUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("expected a command: fetch or demo");
    }

    @Test
    void helpAndVersionAreAnswered() {
        assertThat(run("fetch", "--help")).isZero();
        assertThat(run("--version")).isZero();
    }

    private int run(String... arguments) {
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(err, true));
        line.setOut(new PrintWriter(out, true, UTF_8));
        return line.execute(arguments);
    }

    private String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private static ServerSocket truncating() throws IOException {
        ServerSocket listening = new ServerSocket(0);
        Thread thread = new Thread(() -> {
            try (Socket socket = listening.accept()) {
                socket.getInputStream().read();
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnew".getBytes(UTF_8));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                // The client has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return listening;
    }
}
