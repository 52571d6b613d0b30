package dev.millpond.it.consumer;

import feign.Feign;
import feign.Headers;
import feign.RequestLine;
import feign.Response;
import feign.Retryer;
import feign.Target;
import feign.codec.StringDecoder;
import feign.hc5.ApacheHttp5Client;
import feign.jackson.JacksonDecoder;
import feign.jackson.JacksonEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;

class FeignTest extends ConsumerContract {

    private interface Api {
        @RequestLine("GET")
        String get(URI url);

        @RequestLine("GET")
        Response open(URI url);

        @RequestLine("POST")
        @Headers("Content-Type: application/json")
        Thing post(URI url, Thing thing);
    }

    private Api api;

    @Override
    void open(Clients clients) {
        JacksonDecoder json = new JacksonDecoder();
        StringDecoder text = new StringDecoder();
        api = Feign.builder()
                .client(new ApacheHttp5Client(clients.client()))
                .retryer(Retryer.NEVER_RETRY)
                .encoder(new JacksonEncoder())
                .decoder((response, type) -> (type == String.class ? text : json).decode(response, type))
                .target(Target.EmptyTarget.create(Api.class));
    }

    @Override
    String get(String url) {
        return api.get(URI.create(url));
    }

    @Override
    void download(String url, OutputStream target) throws IOException {
        try (Response response = api.open(URI.create(url));
                InputStream body = response.body().asInputStream()) {
            body.transferTo(target);
        }
    }

    @Override
    Thing post(String url, Thing thing) {
        return api.post(URI.create(url), thing);
    }

    @Override
    Object getAndForget(String url) {
        return api.open(URI.create(url));
    }
}
