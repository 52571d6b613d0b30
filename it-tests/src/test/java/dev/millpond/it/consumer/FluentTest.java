package dev.millpond.it.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.tomakehurst.wiremock.common.Json;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hc.client5.http.fluent.Executor;
import org.apache.hc.client5.http.fluent.Request;
import org.apache.hc.core5.http.ContentType;

class FluentTest extends ConsumerContract {

    private Executor executor;

    @Override
    void open(Clients clients) {
        executor = Executor.newInstance(clients.client());
    }

    @Override
    String get(String url) throws IOException {
        return executor.execute(Request.get(url)).returnContent().asString();
    }

    @Override
    void download(String url, OutputStream target) throws IOException {
        executor.execute(Request.get(url)).handleResponse(response -> {
            response.getEntity().writeTo(target);
            return null;
        });
    }

    @Override
    Thing post(String url, Thing thing) throws IOException {
        return Json.read(
                executor.execute(Request.post(url).bodyString(Json.write(thing), ContentType.APPLICATION_JSON))
                        .returnContent()
                        .asString(UTF_8),
                Thing.class);
    }

    @Override
    Object getAndForget(String url) throws IOException {
        return executor.execute(Request.get(url));
    }
}
