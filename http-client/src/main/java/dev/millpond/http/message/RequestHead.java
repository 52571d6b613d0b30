package dev.millpond.http.message;

import java.util.Iterator;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.util.TextUtils;

/**
 * Makes bytes of a request's line and fields: those that HttpCore's writer makes, at once at their full length, with no
 * buffer in between. A test holds the two against each other.
 */
final class RequestHead {

    private final byte[] bytes;
    private int position;

    private RequestHead(int length) {
        this.bytes = new byte[length];
    }

    /**
     * From the request line to the empty line.
     *
     * @param request whose method and fields' names are tokens
     */
    static byte[] encode(HttpRequest request) {
        String method = request.getMethod();
        String target = request.getRequestUri();
        ProtocolVersion version = request.getVersion() == null ? HttpVersion.HTTP_1_1 : request.getVersion();
        String protocol = HttpVersion.HTTP_1_1.equals(version) ? "HTTP/1.1" : version.format();
        // Not by an array of them: C2's code gives up where HttpCore copies it.
        int length = method.length() + target.length() + protocol.length() + 6;
        for (Iterator<Header> fields = request.headerIterator(); fields.hasNext(); ) {
            Header field = fields.next();
            length += field.getName().length() + valueOf(field).length() + 4;
        }
        RequestHead head = new RequestHead(length);
        head.putAscii(method);
        head.put(' ');
        head.put(target);
        head.put(' ');
        head.putAscii(protocol);
        head.endLine();
        for (Iterator<Header> fields = request.headerIterator(); fields.hasNext(); ) {
            Header field = fields.next();
            head.putAscii(field.getName());
            head.put(':');
            head.put(' ');
            head.put(valueOf(field));
            head.endLine();
        }
        head.endLine();
        return head.bytes;
    }

    private static String valueOf(Header field) {
        return field.getValue() == null ? "" : field.getValue();
    }

    @SuppressWarnings("deprecation") // It drops high bytes: there are none.
    private void putAscii(String text) {
        text.getBytes(0, text.length(), bytes, position);
        position += text.length();
    }

    /** A line end in a value would begin another field, or another request. */
    private void put(String text) {
        int start = position;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean breaks = c == '\r' || c == '\n' || c == '\f' || c == 0x0B;
            bytes[start + i] = breaks ? (byte) ' ' : TextUtils.castAsByte(c);
        }
        position = start + text.length();
    }

    private void put(char ascii) {
        bytes[position++] = (byte) ascii;
    }

    private void endLine() {
        put('\r');
        put('\n');
    }
}
