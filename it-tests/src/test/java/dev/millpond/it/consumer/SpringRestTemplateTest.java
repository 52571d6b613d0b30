package dev.millpond.it.consumer;

import java.io.OutputStream;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.web.client.RestTemplate;

class SpringRestTemplateTest extends ConsumerContract {

    private RestTemplate rest;

    @Override
    void open(Clients clients) {
        rest = new RestTemplate(new HttpComponentsClientHttpRequestFactory(clients.client()));
    }

    @Override
    String get(String url) {
        return rest.getForObject(url, String.class);
    }

    @Override
    void download(String url, OutputStream target) {
        rest.execute(url, HttpMethod.GET, null, response -> response.getBody().transferTo(target));
    }

    @Override
    Thing post(String url, Thing thing) {
        return rest.postForObject(url, thing, Thing.class);
    }

    /** Always closed: a template hands its response to nobody but the extractor. */
    @Override
    Object getAndForget(String url) {
        return rest.execute(url, HttpMethod.GET, null, response -> response);
    }
}
