package dev.millpond.it.consumer;

import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.Entity;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.glassfish.jersey.apache5.connector.Apache5ClientProperties;
import org.glassfish.jersey.apache5.connector.Apache5ConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;

class JerseyTest extends ConsumerContract {

    private Client jersey;

    /** Jersey builds its own HTTP client over the connection manager it is given. */
    @Override
    void open(Clients clients) {
        jersey = ClientBuilder.newClient(new ClientConfig()
                .connectorProvider(new Apache5ConnectorProvider())
                .property(Apache5ClientProperties.CONNECTION_MANAGER, clients.connections())
                .property(Apache5ClientProperties.REQUEST_CONFIG, clients.requestConfig())
                .property(Apache5ClientProperties.CREDENTIALS_PROVIDER, clients.credentials())
                .property(Apache5ClientProperties.RETRY_STRATEGY, clients.retries()));
    }

    @Override
    String get(String url) {
        return jersey.target(url).request().get(String.class);
    }

    @Override
    void download(String url, OutputStream target) throws IOException {
        try (InputStream body = jersey.target(url).request().get(InputStream.class)) {
            body.transferTo(target);
        }
    }

    @Override
    Thing post(String url, Thing thing) {
        return jersey.target(url).request().post(Entity.json(thing), Thing.class);
    }

    @Override
    Response getAndForget(String url) {
        return jersey.target(url).request().get();
    }
}
