package dev.millpond.it.consumer;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpRequestFactory;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.apache.v5.Apache5HttpTransport;
import com.google.api.client.http.json.JsonHttpContent;
import com.google.api.client.json.GenericJson;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

class GoogleHttpClientTest extends ConsumerContract {

    private static final GsonFactory JSON = GsonFactory.getDefaultInstance();

    private HttpRequestFactory requests;

    @Override
    void open(Clients clients) {
        requests = new Apache5HttpTransport(clients.client()).createRequestFactory(GoogleHttpClientTest::configure);
    }

    /** The transport takes the connect timeout for the wait on the pool too. */
    private static void configure(HttpRequest request) {
        request.setConnectTimeout(Clients.LEASE_TIMEOUT.toMillisecondsIntBound());
        request.setParser(new JsonObjectParser(JSON));
    }

    @Override
    String get(String url) throws IOException {
        return open(url).parseAsString();
    }

    @Override
    void download(String url, OutputStream target) throws IOException {
        open(url).download(target);
    }

    @Override
    Thing post(String url, Thing thing) throws IOException {
        JsonHttpContent content = new JsonHttpContent(JSON, Map.of("name", thing.name(), "count", thing.count()));
        GenericJson answer = requests.buildPostRequest(new GenericUrl(url), content)
                .execute()
                .parseAs(GenericJson.class);
        return new Thing((String) answer.get("name"), ((Number) answer.get("count")).intValue());
    }

    @Override
    Object getAndForget(String url) throws IOException {
        return open(url);
    }

    private HttpResponse open(String url) throws IOException {
        return requests.buildGetRequest(new GenericUrl(url)).execute();
    }
}
