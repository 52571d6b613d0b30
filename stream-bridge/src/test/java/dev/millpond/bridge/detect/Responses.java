package dev.millpond.bridge.detect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Makes responses: mostly valid, of every framing, with the oddities that real ones have. */
final class Responses {

    static final List<String> METHODS = List.of("GET", "GET", "GET", "POST", "HEAD", "CONNECT");

    private static final List<String> VERSIONS = List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0");
    private static final List<Integer> CODES = List.of(200, 200, 200, 201, 204, 206, 301, 304, 404, 500, 101, 999);
    private static final List<String> REASONS = List.of("", " ", " OK", " Not Found", " Gr\u00fc\u00dfe");
    private static final List<String> LINE_ENDS = List.of("\r\n", "\r\n", "\r\n", "\n");
    private static final List<String> FIELDS = List.of(
            "Server: x",
            "X:",
            "Set-Cookie: a=b; Path=/",
            "Content-Type: text/plain",
            "Content-Lengthy: 7",
            "T: \t",
            "Connection: close",
            "Folded: a\r\n b",
            "Transfer-Encodings: gzip",
            "Trailer: Sum",
            "Date: Sun, 06 Nov 1994 08:49:37 GMT");
    private static final List<String> EXTENSIONS = List.of("", "", "", ";x", " ;x=y", ";x=\"a;b\"", " ");

    /** What a mutation puts in: the bytes that parsers disagree about. */
    private static final List<String> PIECES = List.of(
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            "\0",
            " ",
            "\t",
            ":",
            ";",
            ",",
            "+",
            "-",
            "0",
            "1",
            "9",
            "f",
            "0x",
            "\u00ff",
            "\u000b",
            "\f",
            "\u0085",
            "Content-Length: 3\r\n",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "chunked",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "0\r\n\r\n",
            "5\r\nhello\r\n",
            " \r\n",
            "\r\n ",
            "X y: z\r\n",
            "X : z\r\n");

    private final Random random;

    Responses(Random random) {
        this.random = random;
    }

    String method() {
        return pick(METHODS);
    }

    /** A valid response to a request with this method, perhaps with interim ones before it. */
    byte[] valid(String method) {
        StringBuilder wire = new StringBuilder();
        while (random.nextInt(8) == 0) {
            wire.append("HTTP/1.1 10").append(pick(List.of("0", "2", "3"))).append(" Go on\r\nX: y\r\n\r\n");
        }
        if (random.nextInt(20) == 0) {
            wire.append("\r\n");
        }
        int code = pick(CODES);
        wire.append(pick(VERSIONS))
                .append(' ')
                .append(code)
                .append(pick(REASONS))
                .append(lineEnd());
        fields(wire, random.nextInt(4));
        boolean bodiless = method.equals("HEAD")
                || code == 204
                || code == 304
                || code < 200
                || (method.equals("CONNECT") && code < 300);
        int framing = random.nextInt(10);
        String body = text(random.nextInt(60));
        if (framing < 4) {
            wire.append(name("Content-Length")).append(body.length()).append(lineEnd());
        } else if (framing < 8) {
            wire.append(name("Transfer-Encoding")).append("chunked").append(lineEnd());
        }
        fields(wire, random.nextInt(3));
        wire.append(lineEnd());
        if (!bodiless) {
            wire.append(framing >= 4 && framing < 8 ? chunks() : body);
        }
        return wire.toString().getBytes(ISO_8859_1);
    }

    private String chunks() {
        StringBuilder wire = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            String chunk = text(1 + random.nextInt(20));
            String size = Integer.toHexString(chunk.length());
            wire.append(random.nextBoolean() ? size : "0" + size.toUpperCase(java.util.Locale.ROOT));
            wire.append(pick(EXTENSIONS)).append("\r\n").append(chunk).append("\r\n");
        }
        wire.append(pick(List.of("0", "0", "000"))).append(pick(EXTENSIONS)).append("\r\n");
        fields(wire, random.nextInt(3));
        return wire.append(lineEnd()).toString();
    }

    private void fields(StringBuilder wire, int count) {
        for (int i = 0; i < count; i++) {
            wire.append(pick(FIELDS)).append(lineEnd());
        }
    }

    private String name(String name) {
        String cased =
                switch (random.nextInt(3)) {
                    case 0 -> name;
                    case 1 -> name.toLowerCase(java.util.Locale.ROOT);
                    default -> name.toUpperCase(java.util.Locale.ROOT);
                };
        return cased + pick(List.of(": ", ":", ":\t", ":  "));
    }

    private String lineEnd() {
        return pick(LINE_ENDS);
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    /** The same with some bytes put in, doubled or taken out, or cut short. */
    byte[] mutated(byte[] wire) {
        byte[] mutated = wire;
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            mutated = mutatedOnce(mutated);
        }
        return mutated;
    }

    private byte[] mutatedOnce(byte[] wire) {
        int from = random.nextInt(wire.length + 1);
        int to = Math.min(wire.length, from + random.nextInt(4));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(wire, 0, from);
        switch (random.nextInt(5)) {
            case 0 -> out.writeBytes(pick(PIECES).getBytes(ISO_8859_1));
            case 1 -> out.write(random.nextInt(256));
            case 2 -> out.write(wire, from, to - from);
            case 3 -> from = wire.length;
            default -> from = to;
        }
        out.write(wire, from, wire.length - from);
        return out.toByteArray();
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
