package dev.millpond.it;

import dev.millpond.http.Millpond;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A client, and what servers say to it. */
@Timeout(60)
abstract class FetchTestBase {

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    final Millpond millpond = Millpond.create();

    @AfterEach
    void closeMillpond() {
        millpond.close();
    }

    static RawServer recording(LinkedBlockingQueue<String> requests, String answer) {
        return new RawServer((peer, connection) -> {
            for (String request = peer.readRequest(); !request.isEmpty(); request = peer.readRequest()) {
                requests.add(request);
                peer.write(answer);
            }
        });
    }

    static RawServer zipped(byte[] body) {
        return answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n", body);
    }

    static RawServer answering(String head, byte[] body) {
        return new RawServer((peer, connection) -> {
            while (!peer.readRequest().isEmpty()) {
                peer.write(head);
                peer.write(body);
            }
        });
    }

    static ClassicHttpRequest expecting(RawServer server) {
        return ClassicRequestBuilder.post(server.url())
                .setEntity("abcde")
                .addHeader("Expect", "100-continue")
                .build();
    }

    static ClassicHttpRequest get(RawServer server) {
        return ClassicRequestBuilder.get(server.url()).build();
    }

    static String body(CompletableFuture<ClassicHttpResponse> response) throws Exception {
        return EntityUtils.toString(response.get(30, TimeUnit.SECONDS).getEntity());
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
