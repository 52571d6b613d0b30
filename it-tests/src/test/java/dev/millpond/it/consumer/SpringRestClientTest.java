package dev.millpond.it.consumer;

import java.io.OutputStream;
import org.springframework.http.MediaType;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

class SpringRestClientTest extends ConsumerContract {

    private RestClient rest;

    @Override
    void open(Clients clients) {
        rest = RestClient.builder()
                .requestFactory(new HttpComponentsClientHttpRequestFactory(clients.client()))
                .build();
    }

    @Override
    String get(String url) {
        return rest.get().uri(url).retrieve().body(String.class);
    }

    @Override
    void download(String url, OutputStream target) {
        rest.get().uri(url).exchange((request, response) -> response.getBody().transferTo(target));
    }

    @Override
    Thing post(String url, Thing thing) {
        return rest.post()
                .uri(url)
                .contentType(MediaType.APPLICATION_JSON)
                .body(thing)
                .retrieve()
                .body(Thing.class);
    }

    @Override
    Object getAndForget(String url) {
        return rest.get().uri(url).exchange((request, response) -> response, false);
    }
}
