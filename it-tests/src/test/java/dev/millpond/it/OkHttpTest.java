package dev.millpond.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.millpond.async.AsyncCore;
import dev.millpond.bridge.BridgeSocketFactory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An unmodified blocking client of another make, with our sockets below it and the JDK's TLS between. */
@Timeout(60)
class OkHttpTest {

    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final byte[] MUCH = new byte[5_000_000];

    static {
        new Random(12).nextBytes(MUCH);
    }

    private final AsyncCore core = AsyncCore.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer plain;
    private HttpsServer secure;
    private OkHttpClient client;

    @BeforeEach
    void start() throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        plain = HttpServer.create(anyPort, 50);
        secure = HttpsServer.create(anyPort, 50);
        secure.setHttpsConfigurator(new HttpsConfigurator(CERTIFICATES.serverContext("localhost")));
        for (HttpServer server : new HttpServer[] {plain, secure}) {
            server.setExecutor(threads);
            server.createContext("/echo", OkHttpTest::echo);
            server.createContext("/silent", exchange -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.close();
            });
            server.start();
        }
        client = new OkHttpClient.Builder()
                .socketFactory(new BridgeSocketFactory(core))
                .connectTimeout(PATIENCE)
                .readTimeout(PATIENCE)
                .writeTimeout(PATIENCE)
                .build();
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        plain.stop(0);
        secure.stop(0);
        threads.shutdownNow();
        core.close();
    }

    private static void echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private OkHttpClient trusting(SSLContext context, X509TrustManager trust) {
        return client.newBuilder()
                .sslSocketFactory(context.getSocketFactory(), trust)
                .build();
    }

    private Call post(OkHttpClient how, HttpServer server, byte[] body) {
        String scheme = server == plain ? "http" : "https";
        return how.newCall(new Request.Builder()
                .url(scheme + "://localhost:" + server.getAddress().getPort() + "/echo")
                .post(RequestBody.create(body))
                .build());
    }

    private Request get(String path) {
        return new Request.Builder()
                .url("http://localhost:" + plain.getAddress().getPort() + path)
                .build();
    }

    @Test
    void plainHttpAndAConnectionThatIsKept() throws Exception {
        for (byte[] body : new byte[][] {"hello".getBytes(UTF_8), MUCH, "again".getBytes(UTF_8)}) {
            try (Response response = post(client, plain, body).execute()) {
                assertThat(response.code()).isEqualTo(200);
                assertThat(response.body().bytes()).isEqualTo(body);
            }
        }
        assertThat(core.stats().connected()).isEqualTo(1);
    }

    @Test
    void tlsOfTheJdkOverIt() throws Exception {
        OkHttpClient trusting = trusting(CERTIFICATES.clientContext(), CERTIFICATES.trust());
        for (byte[] body : new byte[][] {"hello".getBytes(UTF_8), MUCH, "again".getBytes(UTF_8)}) {
            try (Response response = post(trusting, secure, body).execute()) {
                assertThat(response.code()).isEqualTo(200);
                assertThat(response.handshake()).isNotNull();
                assertThat(response.body().bytes()).isEqualTo(body);
            }
        }
        assertThat(core.stats().connected()).isEqualTo(1);
    }

    @Test
    void aServerThatIsNotTrustedIsNotTalkedTo() {
        assertThatThrownBy(() -> post(client, secure, MUCH).execute()).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void aReadTimesOut() {
        OkHttpClient impatient =
                client.newBuilder().readTimeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> impatient.newCall(get("/silent")).execute())
                .isInstanceOf(SocketTimeoutException.class);
    }

    /** OkHttp closes the socket from its watchdog's thread. */
    @Test
    void aCallTimesOut() {
        OkHttpClient impatient =
                client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> impatient.newCall(get("/silent")).execute())
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout");
    }

    @Test
    void aCancelledCallEndsAtOnce() {
        Call call = client.newCall(get("/silent"));
        threads.execute(() -> {
            while (core.stats().bytesWritten() == 0) {
                Thread.onSpinWait();
            }
            call.cancel();
        });
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
    }

    @Test
    void aRefusalIsAConnectException() throws IOException {
        try (RefusingPort port = new RefusingPort()) {
            assertThatThrownBy(() -> client.newCall(new Request.Builder()
                                    .url("http://127.0.0.1:" + port.number() + "/")
                                    .build())
                            .execute())
                    .isInstanceOf(ConnectException.class);
        }
    }
}
