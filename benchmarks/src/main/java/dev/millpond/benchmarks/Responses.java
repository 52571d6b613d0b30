package dev.millpond.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Responses, each encoded once, so that the server costs little more than its system calls. Thread-safe. */
final class Responses {

    static final String SMALL = "/small";
    static final int SMALL_LENGTH = 100;
    static final String BYTES = "/bytes/";
    static final String DELAY = "/delay/";
    static final String ECHO = "/echo";

    private final Map<Integer, ByteBuf> byLength = new ConcurrentHashMap<>();

    /** 200 with a body of so many bytes; a buffer of the caller's own over shared bytes. */
    ByteBuf ok(int length) {
        return byLength.computeIfAbsent(length, Responses::encode).duplicate();
    }

    static ByteBuf error(String status) {
        return Unpooled.copiedBuffer("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n", US_ASCII);
    }

    static String head(int length) {
        return "HTTP/1.1 200 OK\r\n"
                + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Server: benchmark\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: " + length + "\r\n"
                + "Cache-Control: max-age=0, must-revalidate\r\n"
                + "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"\r\n"
                + "Vary: Accept-Encoding\r\n"
                + "X-Request-Id: 7b8a5c2e-91d4-4f0e-8c55-0f6f2d1f3a90\r\n"
                + "\r\n";
    }

    private static ByteBuf encode(int length) {
        byte[] head = head(length).getBytes(US_ASCII);
        ByteBuf response = Unpooled.directBuffer(head.length + length).writeBytes(head);
        for (int i = 0; i < length; i++) {
            response.writeByte('a' + i % 26);
        }
        return Unpooled.unreleasableBuffer(response);
    }
}
