package dev.millpond.http.apache;

import dev.millpond.http.message.ResponseParser;
import java.io.IOException;
import java.net.Socket;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/** Puts a bridge around the connections of another factory, which write requests and parse heads. */
final class BridgedConnectionFactory implements HttpConnectionFactory<ManagedHttpClientConnection> {

    /** HttpCore's default of 32 KiB, twice a connection, is more than heads and requests need. */
    private static final int BUFFER = 8 << 10;

    private static final Http1Config CONFIG =
            Http1Config.copy(ResponseParser.CONFIG).setBufferSize(BUFFER).build();

    private final HttpConnectionFactory<? extends ManagedHttpClientConnection> inner;
    private final BridgeSettings settings;

    BridgedConnectionFactory(
            HttpConnectionFactory<? extends ManagedHttpClientConnection> inner, BridgeSettings settings) {
        this.inner = inner;
        this.settings = settings;
    }

    /** Apache's own connections, with the parser that the detector allows. */
    static HttpConnectionFactory<ManagedHttpClientConnection> defaultInner() {
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(CONFIG)
                .responseParserFactory(config -> new ResponseParser())
                .build();
    }

    @Override
    public ManagedHttpClientConnection createConnection(@Nullable Socket none) throws IOException {
        return new BridgedConnection(inner.createConnection(none), settings);
    }
}
