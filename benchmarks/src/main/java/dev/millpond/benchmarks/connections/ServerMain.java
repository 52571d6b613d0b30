package dev.millpond.benchmarks.connections;

import dev.millpond.async.AsyncCore;
import dev.millpond.async.AsyncServer;
import dev.millpond.examples.DelayedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** {@link DelayedServer}, the example as it is, with an account of what it takes. */
final class ServerMain {

    private ServerMain() {}

    /**
     * @param args the delay in seconds. Says its port; then answers "waiting" with how many requests wait for their
     *     answer, and "footprint" with that.
     */
    public static void main(String... args) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        DelayedServer delayed = new DelayedServer(Duration.ofSeconds(Long.parseLong(args[0])));
        try (AsyncCore core = AsyncCore.create()) {
            AsyncServer server = core.listen(anyPort, delayed::accept).join();
            System.out.println(server.port());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(
                        line.equals("waiting")
                                ? String.valueOf(core.stats().timers())
                                : Footprint.now().toLine());
            }
        }
    }
}
