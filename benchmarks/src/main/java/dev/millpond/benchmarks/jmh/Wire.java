package dev.millpond.benchmarks.jmh;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Responses as they come over the wire. */
public enum Wire {
    /** 100 bytes of body with Content-Length. */
    SMALL,
    /** 100 bytes of body in two chunks. */
    CHUNKED,
    /** 1 MiB of body with Content-Length. */
    LARGE,
    /** 1 MiB of body in chunks of 8 KiB. */
    LARGE_CHUNKED;

    private static final int MIB = 1 << 20;
    private static final int CHUNK = 8 << 10;

    private static final String HEAD = """
            HTTP/1.1 200 OK
            Date: Sun, 06 Nov 1994 08:49:37 GMT
            Server: benchmark
            Content-Type: text/plain; charset=utf-8
            Cache-Control: max-age=0, must-revalidate
            ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
            Vary: Accept-Encoding
            X-Request-Id: 7b8a5c2e-91d4-4f0e-8c55-0f6f2d1f3a90
            """.replace("\n", "\r\n");

    public byte[] bytes() {
        String text =
                switch (this) {
                    case SMALL -> withLength(100);
                    case LARGE -> withLength(MIB);
                    case CHUNKED -> chunked(2, 50);
                    case LARGE_CHUNKED -> chunked(MIB / CHUNK, CHUNK);
                };
        return text.getBytes(US_ASCII);
    }

    private static String withLength(int length) {
        return HEAD + "Content-Length: " + length + "\r\n\r\n" + "x".repeat(length);
    }

    private static String chunked(int count, int length) {
        String chunk = Integer.toHexString(length) + "\r\n" + "x".repeat(length) + "\r\n";
        return HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(count) + "0\r\n\r\n";
    }
}
