package dev.millpond.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millpond.http.message.RecentFields.Line;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * Makes a message of a head that the detector has accepted, straight from its bytes. The result is what HttpCore's
 * parser makes of it, at a fraction of the garbage, as no line goes through a buffer of characters; a test holds the
 * two against each other.
 */
final class HeadParser {

    private static final String OK = "OK";

    private final byte[] bytes;
    private final int end;
    private int position;

    /** The last field's, if that has come again, or an earlier one's. */
    private Line line = RecentFields.START;

    private HeadParser(byte[] bytes, int length) {
        this.bytes = bytes;
        this.end = length;
    }

    /** The message in the first {@code length} bytes, from its status line to its empty line. */
    static ClassicHttpResponse parse(byte[] bytes, int length) throws ProtocolException {
        return new HeadParser(bytes, length).parse();
    }

    private ClassicHttpResponse parse() throws ProtocolException {
        while (position < end && isLineEnd(bytes[position])) {
            position++;
        }
        ClassicHttpResponse response = statusLine();
        for (Header field = field(); field != null; field = field()) {
            response.addHeader(field);
        }
        return response;
    }

    private ClassicHttpResponse statusLine() throws ProtocolException {
        int lineEnd = endLine();
        int from = skipBlanks(lineStart, lineEnd);
        int versionEnd = from;
        while (versionEnd < lineEnd && !isBlank(bytes[versionEnd])) {
            versionEnd++;
        }
        int code = skipBlanks(versionEnd, lineEnd);
        if (lineEnd - code < 3) {
            throw new ProtocolException("status line: expected version and status code");
        }
        int status = digit(code) * 100 + digit(code + 1) * 10 + digit(code + 2);
        BasicClassicHttpResponse response = new BasicClassicHttpResponse(status, reason(code + 3, lineEnd));
        response.setVersion(version(from, versionEnd));
        return response;
    }

    /** Most say OK, which need not be made anew. */
    private String reason(int from, int to) {
        int start = skipBlanks(from, to);
        boolean ok = to - start == OK.length() && bytes[start] == 'O' && bytes[start + 1] == 'K';
        return ok ? OK : text(start, to);
    }

    private ProtocolVersion version(int from, int to) throws ProtocolException {
        // "HTTP/", a digit, a dot and a digit
        if (to - from != 8) {
            throw new ProtocolException("status line: expected a version of HTTP");
        }
        return HttpVersion.get(digit(from + 5), digit(from + 7));
    }

    private int digit(int at) throws ProtocolException {
        int digit = bytes[at] - '0';
        if (digit < 0 || digit > 9) {
            throw new ProtocolException("status line: expected a digit");
        }
        return digit;
    }

    /** The next field, or null at the empty line. */
    private @Nullable Header field() throws ProtocolException {
        Line expected = line.next();
        if (expected == null || !expected.isAt(bytes, position, end) || isFolded(position + expected.length())) {
            return otherField();
        }
        line = expected;
        position += expected.length();
        return expected.field;
    }

    private @Nullable Header otherField() throws ProtocolException {
        int lineEnd = endLine();
        int start = lineStart;
        if (start == lineEnd) {
            return null;
        }
        Line known = isFolded(position) ? null : RecentFields.find(bytes, start, position);
        return known != null ? follow(known) : newField(start, lineEnd);
    }

    private Header follow(Line next) {
        line.next(next);
        line = next;
        return next.field;
    }

    private Header newField(int start, int lineEnd) throws ProtocolException {
        int colon = start;
        while (colon < lineEnd && bytes[colon] != ':') {
            colon++;
        }
        if (colon == lineEnd) {
            throw new ProtocolException("header: expected a colon");
        }
        RecentName name = name(start, colon);
        if (isFolded(position)) {
            return new BasicHeader(name.text, folded(colon + 1, lineEnd));
        }
        Header field = new BasicHeader(name.text, text(colon + 1, lineEnd));
        RecentFields.add(bytes, start, position, name, field);
        return field;
    }

    private RecentName name(int from, int to) {
        RecentName known = RecentName.find(bytes, from, to);
        return known != null ? known : RecentName.add(bytes, from, to, text(from, to));
    }

    /** Whether the line from here on goes on with the field before it (RFC 9112, section 5.2). */
    private boolean isFolded(int at) {
        return at < end && (bytes[at] == ' ' || bytes[at] == '\t');
    }

    /** Each fold is replaced by a space (RFC 9112, section 5.2). */
    private String folded(int from, int to) throws ProtocolException {
        StringBuilder value = new StringBuilder(raw(from, to));
        while (isFolded(position)) {
            int lineEnd = endLine();
            int content = lineStart;
            while (content < lineEnd && (bytes[content] == ' ' || bytes[content] == '\t')) {
                content++;
            }
            value.append(' ').append(raw(content, lineEnd));
        }
        return trimmed(value);
    }

    private int lineStart;

    /** Goes past the next line, and says where its content ends. */
    private int endLine() throws ProtocolException {
        lineStart = position;
        int feed = position;
        while (feed < end && bytes[feed] != '\n') {
            feed++;
        }
        if (feed == end) {
            throw new ProtocolException("head: expected an empty line at its end");
        }
        position = feed + 1;
        return feed > lineStart && bytes[feed - 1] == '\r' ? feed - 1 : feed;
    }

    private int skipBlanks(int from, int to) {
        int at = from;
        while (at < to && isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Without blanks around it. */
    private String text(int from, int to) {
        int first = skipBlanks(from, to);
        int last = to;
        while (last > first && isBlank(bytes[last - 1])) {
            last--;
        }
        return raw(first, last);
    }

    private static String trimmed(StringBuilder value) {
        int first = 0;
        int last = value.length();
        while (first < last && isBlank((byte) value.charAt(first))) {
            first++;
        }
        while (last > first && isBlank((byte) value.charAt(last - 1))) {
            last--;
        }
        return value.substring(first, last);
    }

    private String raw(int from, int to) {
        String text = new String(bytes, from, to - from, ISO_8859_1);
        // As HttpCore does with these, which mean nothing within a line.
        return text.indexOf('\r') < 0 && text.indexOf('\0') < 0
                ? text
                : text.replace('\r', ' ').replace('\0', ' ');
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    private static boolean isLineEnd(byte b) {
        return b == '\r' || b == '\n';
    }
}
