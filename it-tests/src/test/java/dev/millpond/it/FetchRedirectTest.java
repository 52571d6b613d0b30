package dev.millpond.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.Test;

/** Fetches that are led elsewhere: {@code RedirectStage}. */
class FetchRedirectTest extends FetchTestBase {

    @Test
    void credentialsForAProxyDoNotFollowARedirectToAnotherOrigin() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer other = recording(requests, OK);
                RawServer server = leadingTo(other)) {
            ClassicHttpRequest request = ClassicRequestBuilder.get(server.url())
                    .addHeader("Proxy-Authorization", "Basic secret")
                    .addHeader("X-Mine", "1")
                    .build();
            assertThat(body(millpond.fetch(request))).isEqualTo("hello");
            assertThat(requests.take()).contains("X-Mine: 1").doesNotContain("secret");
        }
    }

    private static RawServer leadingTo(RawServer other) {
        return RawServer.answering(
                "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url("/x") + "\r\n\r\n");
    }

    @Test
    void aResponseThatIsNotWantedGivesItsMemoryBack() throws Exception {
        try (RawServer server = new RawServer((peer, connection) -> {
            for (int i = 0; !peer.readRequest().isEmpty(); i++) {
                peer.write(i < 3 ? "HTTP/1.1 302 Found\r\nLocation: /" + i + "\r\nContent-Length: 5\r\n\r\nthere" : OK);
            }
        })) {
            millpond.fetch(get(server)).join().close();
            assertThat(millpond.stats().memoryUsed()).isZero();
        }
    }

    @Test
    void methodAndBodyStayWithA307() throws Exception {
        assertThat(second("307 There")).startsWith("POST /there ").endsWith("\r\n\r\nabcde");
    }

    @Test
    void a303IsFollowedByAGetWithoutABody() throws Exception {
        assertThat(second("303 There"))
                .startsWith("GET /there ")
                .endsWith("\r\n\r\n")
                .doesNotContain("Content-");
    }

    private String second(String status) throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer server = new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write(
                        request.contains(" /there ")
                                ? OK
                                : "HTTP/1.1 " + status + "\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
            }
        })) {
            ClassicHttpRequest post =
                    ClassicRequestBuilder.post(server.url()).setEntity("abcde").build();
            assertThat(body(millpond.fetch(post))).isEqualTo("hello");
            assertThat(requests.take()).startsWith("POST / ").endsWith("\r\n\r\nabcde");
            return requests.take();
        }
    }

    /** As with Apache's client: the user has to say what another origin may have. */
    @Test
    void aRequestWithCredentialsDoesNotLeaveItsOrigin() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        try (RawServer other = recording(requests, OK);
                RawServer server = leadingTo(other)) {
            for (String field : new String[] {"Authorization", "Cookie"}) {
                ClassicHttpRequest request = ClassicRequestBuilder.get(server.url())
                        .addHeader(field, "secret")
                        .build();
                assertThat(millpond.fetch(request).join().getCode()).isEqualTo(302);
            }
            assertThat(requests).isEmpty();
        }
    }
}
