package dev.millpond.bridge.detect;

import static dev.millpond.bridge.detect.Framing.CHUNKED;
import static dev.millpond.bridge.detect.Framing.CLOSE_DELIMITED;
import static dev.millpond.bridge.detect.Framing.CONTENT_LENGTH;
import static dev.millpond.bridge.detect.Framing.NO_BODY;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TranscriptTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String TE = OK + "Transfer-Encoding: chunked\r\n\r\n";

    private static final List<Transcript> TABLE = new ArrayList<>();

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void theVerdictIsTheSameHoweverTheBytesCome(Transcript transcript) {
        transcript.run();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("standardMethods")
    void httpCoreConsumesWhatIsComplete(Transcript transcript) throws Exception {
        HttpCoreOracle.check(transcript.method(), transcript.bytes());
    }

    /** HttpCore takes "head" for HEAD, but methods are case-sensitive (RFC 9110, section 9.1). */
    static List<Transcript> standardMethods() {
        return table().stream()
                .filter(each -> each.method().equals(each.method().toUpperCase(Locale.ROOT)))
                .toList();
    }

    static List<Transcript> table() {
        if (TABLE.isEmpty()) {
            lengths();
            noBodies();
            chunks();
            closeDelimited();
            interims();
            heads();
            limits();
            badStatusLines();
            badFields();
            badLengths();
            badCodings();
            badChunks();
            truncations();
        }
        return TABLE;
    }

    private static void lengths() {
        complete("a length", OK + "Content-Length: 5\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("length 0", OK + "Content-Length: 0\r\n\r\n", CONTENT_LENGTH, true);
        complete("a length in lower case", OK + "content-length: 5\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("a length in upper case", OK + "CONTENT-LENGTH: 5\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("a length without a space", OK + "Content-Length:5\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("a length among blanks", OK + "Content-Length: \t 5 \t\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("a length with leading zeros", OK + "Content-Length: 0005\r\n\r\nhello", CONTENT_LENGTH, true);
        complete("a body of line ends", OK + "Content-Length: 4\r\n\r\n\r\n\r\n", CONTENT_LENGTH, true);
        complete("a body like a response", OK + "Content-Length: 15\r\n\r\nHTTP/1.1 200 OK", CONTENT_LENGTH, true);
        complete(
                "fields that only look like lengths",
                OK
                        + "Content-Lengt: 9\r\nContent-Lengthy: 9\r\nContent-Type: 9\r\nX-Content-Length: 9\r\nC: 9\r\nContent-Length: 1\r\n\r\nx",
                CONTENT_LENGTH,
                true);
        complete("a length in HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("a length on an error", "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("a length on a redirect", "HTTP/1.1 302 Found\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("205 with a length", "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", CONTENT_LENGTH, true);
        complete("a status above 599", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", CONTENT_LENGTH, true);
    }

    private static void noBodies() {
        noBody("HEAD with a length", "HEAD", OK + "Content-Length: 5\r\n\r\n", true);
        noBody("HEAD with chunks", "HEAD", TE, true);
        noBody("HEAD with neither", "HEAD", OK + "\r\n", true);
        noBody("HEAD with both", "HEAD", OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false);
        noBody("204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", true);
        noBody("204 with a length", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", true);
        noBody("304", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n", true);
        noBody("304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", true);
        noBody("304 with chunks", "GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", true);
        noBody("101", "GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false);
        noBody("CONNECT and 200", "CONNECT", OK + "\r\n", false);
        noBody("CONNECT and 299 with a length", "CONNECT", "HTTP/1.1 299 Fine\r\nContent-Length: 5\r\n\r\n", false);
        noBody("CONNECT and 200 with chunks", "CONNECT", TE, false);
        add(
                "CONNECT refused",
                "CONNECT",
                "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno",
                Verdict.COMPLETE,
                40,
                CONTENT_LENGTH,
                true,
                40,
                null);
        add(
                "CONNECT and a redirect",
                "CONNECT",
                "HTTP/1.1 300 No\r\nContent-Length: 2\r\n\r\nno",
                Verdict.COMPLETE,
                40,
                CONTENT_LENGTH,
                true,
                40,
                null);
        add(
                "a method in lower case is another",
                "head",
                OK + "Content-Length: 1\r\n\r\nx",
                Verdict.COMPLETE,
                39,
                CONTENT_LENGTH,
                true,
                39,
                null);
    }

    private static void chunks() {
        chunked("one chunk", "5\r\nhello\r\n0\r\n\r\n");
        chunked("no chunk", "0\r\n\r\n");
        chunked("many zeros", "000000000000000000000\r\n\r\n");
        chunked("two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
        chunked("hexadecimal sizes", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n");
        chunked("leading zeros", "0005\r\nhello\r\n00\r\n\r\n");
        chunked("an extension", "5;name=value\r\nhello\r\n0\r\n\r\n");
        chunked("a quoted extension", "5;name=\"a;b\"\r\nhello\r\n0;x\r\n\r\n");
        chunked("blanks before an extension", "5 \t;x\r\nhello\r\n0\r\n\r\n");
        chunked("blanks after a size", "5  \r\nhello\r\n0 \r\n\r\n");
        chunked("a trailer", "5\r\nhello\r\n0\r\nSum: 1\r\n\r\n");
        chunked("trailers", "0\r\nA: 1\r\nB: 2\r\n\r\n");
        chunked("a folded trailer", "0\r\nA: 1\r\n 2\r\n\r\n");
        chunked("a length among trailers", "0\r\nContent-Length: 5\r\n\r\n");
        chunked("a coding among trailers", "0\r\nTransfer-Encoding: gzip\r\n\r\n");
        chunked("trailers with bare line feeds", "0\r\nA: 1\n\n");
        chunked("line ends within a chunk", "4\r\n\r\n\r\n\r\n0\r\n\r\n");
        chunked("99 trailers", "0\r\n" + "A: 1\r\n".repeat(99) + "\r\n");
        complete("chunked in upper case", OK + "TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", CHUNKED, true);
        complete("chunked among blanks", OK + "Transfer-Encoding:\t chunked \t\r\n\r\n0\r\n\r\n", CHUNKED, true);
        complete(
                "chunked in HTTP/1.0",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                CHUNKED,
                false);
        complete(
                "chunked and length 0",
                OK + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
                CHUNKED,
                false);
        complete(
                "chunked and a length",
                OK + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                CHUNKED,
                false);
        complete(
                "a length and chunked",
                OK + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                CHUNKED,
                false);
        complete(
                "fields that only look like codings",
                OK + "Transfer-Encodin: x\r\nTransfer-Encodings: x\r\nT: x\r\nTE: x\r\nContent-Length: 0\r\n\r\n",
                CONTENT_LENGTH,
                true);
    }

    private static void closeDelimited() {
        complete("until the end", OK + "\r\nhello", CLOSE_DELIMITED, false);
        complete("until the end, at once", OK + "\r\n", CLOSE_DELIMITED, false);
        complete("until the end in HTTP/1.0", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello", CLOSE_DELIMITED, false);
        complete("until the end, with keep-alive", OK + "Connection: keep-alive\r\n\r\nhello", CLOSE_DELIMITED, false);
    }

    private static void interims() {
        String next = OK + "Content-Length: 1\r\n\r\nx";
        after("100", "HTTP/1.1 100 Continue\r\n\r\n", next);
        after("103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", next);
        after("102 with a length", "HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n", next);
        after("100 and 103", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", next);
        after("100 without a reason", "HTTP/1.1 100\r\n\r\n", next);
        after("as many as allowed", "HTTP/1.1 100 Continue\r\n\r\n".repeat(DetectorLimits.MAX_INTERIM_RESPONSES), next);
        add(
                "one too many",
                "GET",
                "HTTP/1.1 100 Continue\r\n\r\n".repeat(DetectorLimits.MAX_INTERIM_RESPONSES + 1),
                Verdict.MALFORMED,
                25,
                NO_BODY,
                false,
                -1,
                Violation.TOO_MANY_INTERIM_RESPONSES);
        add("100 and the end", "GET", "HTTP/1.1 100 Continue\r\n\r\n", Verdict.TRUNCATED, 0, NO_BODY, false, -1, null);
        add(
                "100 and half a head",
                "GET",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2",
                Verdict.TRUNCATED,
                10,
                NO_BODY,
                false,
                -1,
                null);
    }

    private static void heads() {
        complete("no reason phrase", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("an empty reason phrase", "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete(
                "a reason phrase in Latin-1",
                "HTTP/1.1 200 Gr\u00fc\u00dfe\r\nContent-Length: 1\r\n\r\nx",
                CONTENT_LENGTH,
                true);
        complete("no fields", "HTTP/1.1 204 \r\n\r\n".replace("204", "200"), CLOSE_DELIMITED, false);
        complete("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", CONTENT_LENGTH, true);
        complete("mixed line ends", "HTTP/1.1 200 OK\r\nContent-Length: 1\n\r\nx", CONTENT_LENGTH, true);
        complete("an empty line first", "\r\n" + OK + "Content-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete(
                "nine empty lines first",
                "\r\n\n".repeat(4) + "\r\n" + OK + "Content-Length: 1\r\n\r\nx",
                CONTENT_LENGTH,
                true);
        complete("a folded field", OK + "X: a\r\n b\r\n\tc\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete(
                "a fold like a length",
                OK + "X: a\r\n Content-Length: 9\r\nContent-Length: 1\r\n\r\nx",
                CONTENT_LENGTH,
                true);
        complete("an empty value", OK + "X:\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("colons in a value", OK + "X: a:b: c\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("a value in Latin-1", OK + "X: \u00e4\u00ff\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("a name that is no token", OK + "X[1]: a\r\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        complete("99 fields", OK + "A: 1\r\n".repeat(98) + "Content-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
    }

    private static void limits() {
        int line = DetectorLimits.MAX_LINE;
        String longest = "X: " + "x".repeat(line - 4);
        complete("the longest line", OK + longest + "\nContent-Length: 1\r\n\r\nx", CONTENT_LENGTH, true);
        malformed("a line too long", OK + longest + "xx\n", Violation.LINE_TOO_LONG, 17 + line);
        malformed(
                "folds too long",
                OK + "X: y\r\n" + " ".repeat(1000) + "\r\n " + "x".repeat(line),
                Violation.LINE_TOO_LONG,
                17 + line);
        malformed("a reason phrase too long", "HTTP/1.1 200 " + "x".repeat(line), Violation.LINE_TOO_LONG, line);
        malformed("a name too long", OK + "x".repeat(line + 1), Violation.LINE_TOO_LONG, 17 + line);
        malformed("a head too long", OK + (longest + "\n").repeat(5), Violation.HEAD_TOO_LONG, DetectorLimits.MAX_HEAD);
        malformed("100 fields", OK + "A: 1\r\n".repeat(100), Violation.TOO_MANY_FIELDS, 17 + 99 * 6);
        malformed("ten empty lines first", "\r\n".repeat(10) + OK, Violation.TOO_MANY_EMPTY_LINES, 18);
        malformed(
                "100 trailers",
                TE + "0\r\n" + "A: 1\r\n".repeat(100),
                Violation.TOO_MANY_FIELDS,
                TE.length() + 3 + 99 * 6);
        malformed(
                "trailers too long",
                TE + "0\r\n" + ("X: " + "x".repeat(30_000) + "\n").repeat(3),
                Violation.TRAILERS_TOO_LONG,
                TE.length() + 3 + DetectorLimits.MAX_TRAILERS);
        malformed("an extension too long", TE + "1;" + "x".repeat(line), Violation.LINE_TOO_LONG, TE.length() + line);
        malformed(
                "an extension too long after another chunk",
                TE + "1\r\nx\r\n1;" + "x".repeat(line),
                Violation.LINE_TOO_LONG,
                TE.length() + 6 + line);
        malformed("a size too long", TE + "0".repeat(line + 1), Violation.LINE_TOO_LONG, TE.length() + line);
    }

    private static void badStatusLines() {
        malformed("an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", Violation.STATUS_LINE, 0);
        malformed("an SMTP banner", "220 mail.example ESMTP\r\n", Violation.STATUS_LINE, 0);
        malformed("a TLS alert", "\u0015\u0003\u0003\0\u0002\u0002F", Violation.STATUS_LINE, 0);
        malformed("HTTP/2 settings", "\0\0\u0012\u0004\0\0\0\0\0", Violation.STATUS_LINE, 0);
        malformed("a body without a head", "<html></html>", Violation.STATUS_LINE, 0);
        malformed("a blank first", " HTTP/1.1 200 OK\r\n\r\n", Violation.STATUS_LINE, 0);
        malformed("lower case", "http/1.1 200 OK\r\n\r\n", Violation.STATUS_LINE, 0);
        malformed("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", Violation.STATUS_LINE, 5);
        malformed("HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", Violation.STATUS_LINE, 5);
        malformed("no minor version", "HTTP/1 200 OK\r\n\r\n", Violation.STATUS_LINE, 6);
        malformed("a letter as minor version", "HTTP/1.x 200 OK\r\n\r\n", Violation.STATUS_LINE, 7);
        malformed("two digits of minor version", "HTTP/1.10 200 OK\r\n\r\n", Violation.STATUS_LINE, 8);
        malformed("a tab before the code", "HTTP/1.1\t200 OK\r\n\r\n", Violation.STATUS_LINE, 8);
        malformed("two spaces before the code", "HTTP/1.1  200 OK\r\n\r\n", Violation.STATUS_LINE, 9);
        malformed("a code of two digits", "HTTP/1.1 20 OK\r\n\r\n", Violation.STATUS_LINE, 11);
        malformed("a code of four digits", "HTTP/1.1 2000 OK\r\n\r\n", Violation.STATUS_LINE, 12);
        malformed("a code below 100", "HTTP/1.1 099 OK\r\n\r\n", Violation.STATUS_LINE, 9);
        malformed("a negative code", "HTTP/1.1 -20 OK\r\n\r\n", Violation.STATUS_LINE, 9);
        malformed("letters as code", "HTTP/1.1 OK\r\n\r\n", Violation.STATUS_LINE, 9);
        malformed("no code", "HTTP/1.1\r\n\r\n", Violation.STATUS_LINE, 8);
        malformed("no space after the code", "HTTP/1.1 200OK\r\n\r\n", Violation.STATUS_LINE, 12);
        malformed("a tab after the code", "HTTP/1.1 200\tOK\r\n\r\n", Violation.STATUS_LINE, 12);
        malformed("a bare carriage return first", "\rHTTP/1.1 200 OK\r\n\r\n", Violation.BARE_CR, 1);
        malformed("a bare carriage return in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", Violation.BARE_CR, 15);
        malformed("a bare carriage return after the code", "HTTP/1.1 200\rOK\r\n\r\n", Violation.BARE_CR, 13);
        malformed("NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n", Violation.NUL, 14);
    }

    private static void badFields() {
        malformed("no colon", OK + "Oops\r\n\r\n", Violation.FIELD_NAME, 21);
        malformed("no name", OK + ": x\r\n\r\n", Violation.FIELD_NAME, 17);
        malformed("a space before the colon", OK + "X : y\r\n\r\n", Violation.FIELD_NAME, 18);
        malformed(
                "a space before the colon of a length",
                OK + "Content-Length : 5\r\n\r\nhello",
                Violation.FIELD_NAME,
                31);
        malformed("a tab in a name", OK + "X\tY: z\r\n\r\n", Violation.FIELD_NAME, 18);
        malformed("NUL in a name", OK + "X\0: z\r\n\r\n", Violation.FIELD_NAME, 18);
        malformed("NUL first", OK + "\0X: z\r\n\r\n", Violation.FIELD_NAME, 17);
        malformed("DEL in a name", OK + "X\u007f: z\r\n\r\n", Violation.FIELD_NAME, 18);
        malformed("Latin-1 in a name", OK + "X\u00e4: z\r\n\r\n", Violation.FIELD_NAME, 18);
        malformed("a fold before any field", OK + " X: z\r\n\r\n", Violation.FIELD_NAME, 17);
        malformed("NUL in a value", OK + "X: a\0b\r\n\r\n", Violation.NUL, 21);
        malformed("a bare carriage return in a value", OK + "X: a\rb\r\n\r\n", Violation.BARE_CR, 22);
        malformed("two carriage returns", OK + "X: a\r\r\n\r\n", Violation.BARE_CR, 22);
        malformed("a bare carriage return for the empty line", OK + "X: a\r\n\rb", Violation.BARE_CR, 24);
        malformed("no colon in a trailer", TE + "0\r\nOops\r\n\r\n", Violation.FIELD_NAME, TE.length() + 7);
        malformed("a fold before any trailer", TE + "0\r\n x\r\n\r\n", Violation.FIELD_NAME, TE.length() + 3);
    }

    private static void badLengths() {
        length("nothing", "", 33);
        length("a sign", "+5", 33);
        length("a minus", "-5", 33);
        length("minus zero", "-0", 33);
        length("a letter", "5x", 34);
        length("a number in hexadecimal", "0x5", 34);
        length("a fraction", "5.0", 34);
        length("an exponent", "1e3", 34);
        length("a list of the same", "5, 5", 34);
        length("a list of others", "5,6", 34);
        length("a number and another", "5 5", 35);
        length("quotes", "\"5\"", 33);
        length("2^63", "9223372036854775808", 51);
        length("20 digits", "10000000000000000000", 52);
        malformed(
                "length 0 twice",
                OK + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
                Violation.REPEATED_CONTENT_LENGTH,
                50);
        malformed(
                "a length twice",
                OK + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                Violation.REPEATED_CONTENT_LENGTH,
                50);
        malformed(
                "two lengths",
                OK + "Content-Length: 5\r\nX: y\r\ncontent-length: 6\r\n\r\nhello",
                Violation.REPEATED_CONTENT_LENGTH,
                56);
        malformed(
                "two lengths on HEAD's like",
                "HTTP/1.1 304 No\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                Violation.REPEATED_CONTENT_LENGTH,
                50);
        malformed("a folded length", OK + "Content-Length: 5\r\n 0\r\n\r\nhello", Violation.FOLDED_FRAMING, 36);
        malformed("a length on the fold", OK + "Content-Length:\r\n 5\r\n\r\nhello", Violation.CONTENT_LENGTH, 32);
        malformed("a bare carriage return after a length", OK + "Content-Length: 5\rx", Violation.BARE_CR, 35);
    }

    private static void badCodings() {
        coding("nothing", "", 36);
        coding("gzip", "gzip", 36);
        coding("identity", "identity", 36);
        coding("gzip and chunked", "gzip, chunked", 36);
        coding("chunked and gzip", "chunked, gzip", 43);
        coding("chunked twice", "chunked, chunked", 43);
        coding("chunked with a parameter", "chunked;x=y", 43);
        coding("chunked, cut short", "chunke", 42);
        coding("a letter too many", "chunkedx", 43);
        coding("two words", "chunked x", 44);
        coding("quotes", "\"chunked\"", 36);
        coding("a vertical tab", "\u000bchunked", 36);
        malformed(
                "a coding twice",
                OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                Violation.REPEATED_TRANSFER_ENCODING,
                62);
        malformed(
                "two codings",
                OK + "Transfer-Encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n",
                Violation.REPEATED_TRANSFER_ENCODING,
                62);
        malformed("a folded coding", OK + "Transfer-Encoding: chunked\r\n x\r\n\r\n", Violation.FOLDED_FRAMING, 45);
    }

    private static void badChunks() {
        chunk("no size", "\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 0);
        chunk("only an extension", ";x\r\n", Violation.CHUNK_SIZE, 0);
        chunk("a sign", "+5\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 0);
        chunk("minus zero", "-0\r\n\r\n", Violation.CHUNK_SIZE, 0);
        chunk("a prefix", "0x5\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 1);
        chunk("no hexadecimal digit", "5g\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 1);
        chunk("a blank first", " 5\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 0);
        chunk("two numbers", "5 5\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_SIZE, 2);
        chunk("2^63", "8000000000000000\r\n", Violation.CHUNK_SIZE, 15);
        chunk("17 digits", "10000000000000000\r\n", Violation.CHUNK_SIZE, 16);
        chunk("a bare line feed after a size", "5\nhello\r\n0\r\n\r\n", Violation.CHUNK_LINE_END, 1);
        chunk("a bare line feed after an extension", "5;x\nhello\r\n0\r\n\r\n", Violation.CHUNK_LINE_END, 3);
        chunk("a bare line feed after the last chunk", "0\n\r\n", Violation.CHUNK_LINE_END, 1);
        chunk("a bare carriage return after a size", "5\rhello\r\n0\r\n\r\n", Violation.BARE_CR, 2);
        chunk("NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n", Violation.NUL, 2);
        chunk("a chunk too long", "5\r\nhello!\r\n0\r\n\r\n", Violation.CHUNK_END, 8);
        chunk("a chunk too short", "6\r\nhello\r\n0\r\n\r\n", Violation.CHUNK_END, 9);
        chunk("no line end after a chunk", "5\r\nhello0\r\n\r\n", Violation.CHUNK_END, 8);
        chunk("a bare line feed after a chunk", "5\r\nhello\n0\r\n\r\n", Violation.CHUNK_END, 8);
        chunk("a bare carriage return after a chunk", "5\r\nhello\r0\r\n\r\n", Violation.CHUNK_END, 9);
    }

    private static void truncations() {
        truncated("nothing", "", 0, -1);
        truncated("an empty line", "\r\n", 2, -1);
        truncated("a letter", "H", 1, -1);
        truncated("half a status line", "HTTP/1.1 20", 11, -1);
        truncated("a status line", OK, 17, -1);
        truncated("half a field", OK + "Content-Len", 28, -1);
        truncated("half an empty line", OK + "Content-Length: 5\r\n\r", 37, -1);
        truncated("no body", OK + "Content-Length: 5\r\n\r\n", 38, 43);
        truncated("half a body", OK + "Content-Length: 5\r\n\r\nhel", 41, 43);
        truncated("a huge body", OK + "Content-Length: 9223372036854775807\r\n\r\nx", 57, Long.MAX_VALUE);
        truncated("no chunk", TE, TE.length(), -1);
        truncated("half a chunk header", TE + "5", TE.length() + 1, -1);
        truncated("half a line end", TE + "5\r", TE.length() + 2, -1);
        truncated("half a chunk", TE + "5\r\nhel", TE.length() + 6, -1);
        truncated("a chunk without its line end", TE + "5\r\nhello", TE.length() + 8, -1);
        truncated("a chunk with half its line end", TE + "5\r\nhello\r", TE.length() + 9, -1);
        truncated("no last chunk", TE + "5\r\nhello\r\n", TE.length() + 10, -1);
        truncated("half a last chunk", TE + "0", TE.length() + 1, -1);
        truncated("a last chunk without its empty line", TE + "0\r\n", TE.length() + 3, -1);
        truncated("half the last empty line", TE + "0\r\n\r", TE.length() + 4, -1);
        truncated("half a trailer", TE + "0\r\nA: ", TE.length() + 6, -1);
        truncated("a trailer without the empty line", TE + "0\r\nA: b\r\n", TE.length() + 9, -1);
        truncated("the largest chunk", TE + "7fffffffffffffff\r\nx", TE.length() + 19, -1);
    }

    private static void complete(String name, String wire, Framing framing, boolean reusable) {
        long announced = framing == CONTENT_LENGTH ? wire.length() : -1;
        add(name, "GET", wire, Verdict.COMPLETE, wire.length(), framing, reusable, announced, null);
    }

    private static void noBody(String name, String method, String wire, boolean reusable) {
        add(name, method, wire, Verdict.COMPLETE, wire.length(), NO_BODY, reusable, -1, null);
    }

    private static void chunked(String name, String body) {
        complete("chunked: " + name, TE + body, CHUNKED, true);
    }

    private static void after(String name, String interims, String response) {
        add(
                "after " + name,
                "GET",
                interims + response,
                Verdict.COMPLETE,
                response.length(),
                CONTENT_LENGTH,
                true,
                response.length(),
                null);
    }

    private static void malformed(String name, String wire, Violation violation, long at) {
        add("malformed: " + name, "GET", wire, Verdict.MALFORMED, at, NO_BODY, false, -1, violation);
    }

    private static void length(String name, String value, long at) {
        malformed("length: " + name, OK + "Content-Length: " + value + "\r\n\r\nhello", Violation.CONTENT_LENGTH, at);
    }

    private static void coding(String name, String value, long at) {
        malformed(
                "coding: " + name,
                OK + "Transfer-Encoding: " + value + "\r\n\r\n0\r\n\r\n",
                Violation.TRANSFER_ENCODING,
                at);
    }

    private static void chunk(String name, String body, Violation violation, int at) {
        malformed("chunk: " + name, TE + body, violation, TE.length() + at);
    }

    private static void truncated(String name, String wire, long at, long announced) {
        add("truncated: " + name, "GET", wire, Verdict.TRUNCATED, at, NO_BODY, false, announced, null);
    }

    private static void add(
            String name,
            String method,
            String wire,
            Verdict verdict,
            long at,
            Framing framing,
            boolean reusable,
            long announced,
            @org.jspecify.annotations.Nullable Violation violation) {
        TABLE.add(new Transcript(name, method, wire, verdict, at, framing, reusable, announced, violation));
    }
}
