package dev.millpond.it.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millpond.http.Millpond;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.net.URIBuilder;
import org.apache.hc.core5.testing.framework.ClientPOJOAdapter;
import org.apache.hc.core5.testing.framework.ClientTestingAdapter;
import org.apache.hc.core5.testing.framework.TestingFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HttpCore's own tests of a client: each method, with a query, headers and a body, both ways. */
@Timeout(60)
class TestingFrameworkTest {

    private static final List<Integer> MORE_STATUSES = List.of(202, 400, 404, 500);
    private static final String LONG = "0123456789".repeat(100_000);

    @Test
    void theDropInPasses() throws Exception {
        try (Clients clients = new Clients();
                CloseableHttpClient http = clients.client()) {
            assertPasses(new Adapter("drop-in", http::execute));
        }
    }

    @Test
    void fetchPasses() throws Exception {
        try (Millpond millpond = Millpond.create()) {
            assertPasses(new Adapter("fetch", (request, handler) -> millpond.fetch(request, handler)
                    .get(30, TimeUnit.SECONDS)));
        }
    }

    private static void assertPasses(Adapter adapter) throws Exception {
        TestingFramework framework = new TestingFramework(new ClientTestingAdapter(adapter));
        int tests = 2 * TestingFramework.ALL_METHODS.size();
        for (String method : TestingFramework.ALL_METHODS) {
            for (int status : MORE_STATUSES) {
                framework.addTest(
                        test(Map.of(ClientPOJOAdapter.METHOD, method), Map.of(ClientPOJOAdapter.STATUS, status)));
                tests++;
            }
            framework.addTest(test(
                    Map.of(ClientPOJOAdapter.METHOD, method, ClientPOJOAdapter.BODY, LONG),
                    Map.of(ClientPOJOAdapter.BODY, LONG)));
            tests++;
        }
        framework.runTests();
        assertThat(adapter.calls).isEqualTo(tests);
    }

    private static Map<String, Object> test(Map<String, Object> request, Map<String, Object> response) {
        return Map.of(
                ClientPOJOAdapter.REQUEST, new HashMap<>(request), ClientPOJOAdapter.RESPONSE, new HashMap<>(response));
    }

    @FunctionalInterface
    private interface Sender {
        Map<String, Object> send(ClassicHttpRequest request, HttpClientResponseHandler<Map<String, Object>> handler)
                throws Exception;
    }

    /** From the framework's maps to messages, and back. */
    private static final class Adapter extends ClientPOJOAdapter {

        private final String name;
        private final Sender sender;
        private int calls;

        Adapter(String name, Sender sender) {
            this.name = name;
            this.sender = sender;
        }

        @Override
        public String getClientName() {
            return name;
        }

        @Override
        public Map<String, Object> execute(String defaultUri, Map<String, Object> request) throws Exception {
            calls++;
            return sender.send(message(defaultUri, request), Adapter::read);
        }

        private static ClassicHttpRequest message(String defaultUri, Map<String, Object> request) throws Exception {
            URIBuilder uri = new URIBuilder(defaultUri + request.get(PATH));
            map(request, QUERY).forEach(uri::addParameter);
            ClassicRequestBuilder builder = ClassicRequestBuilder.create((String) request.get(METHOD))
                    .setUri(uri.build())
                    .setVersion((ProtocolVersion) request.get(PROTOCOL_VERSION))
                    .setEntity((String) request.get(BODY), ContentType.parse((String) request.get(CONTENT_TYPE)));
            map(request, HEADERS).forEach(builder::addHeader);
            return builder.build();
        }

        private static Map<String, Object> read(ClassicHttpResponse response) throws IOException, ParseException {
            Map<String, String> headers = new HashMap<>();
            for (Header header : response.getHeaders()) {
                headers.put(header.getName(), header.getValue());
            }
            Map<String, Object> read = new HashMap<>();
            read.put(STATUS, response.getCode());
            read.put(HEADERS, headers);
            if (response.getEntity() != null) {
                read.put(BODY, EntityUtils.toString(response.getEntity()));
                read.put(CONTENT_TYPE, response.getEntity().getContentType());
            }
            return read;
        }

        @SuppressWarnings("unchecked")
        private static Map<String, String> map(Map<String, Object> request, String key) {
            return (Map<String, String>) request.get(key);
        }
    }
}
