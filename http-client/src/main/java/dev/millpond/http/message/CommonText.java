package dev.millpond.http.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names and values that most responses have, so that each of them need not be made anew. */
final class CommonText {

    private static final int SLOTS = 512;
    private static final @Nullable String[] TABLE = new String[SLOTS];

    static {
        List.of(
                        "Accept-Ranges",
                        "Access-Control-Allow-Credentials",
                        "Access-Control-Allow-Headers",
                        "Access-Control-Allow-Methods",
                        "Access-Control-Allow-Origin",
                        "Access-Control-Expose-Headers",
                        "Age",
                        "Allow",
                        "Alt-Svc",
                        "Cache-Control",
                        "Connection",
                        "Content-Disposition",
                        "Content-Encoding",
                        "Content-Language",
                        "Content-Length",
                        "Content-Range",
                        "Content-Security-Policy",
                        "Content-Type",
                        "Date",
                        "ETag",
                        "Expires",
                        "Keep-Alive",
                        "Last-Modified",
                        "Link",
                        "Location",
                        "Pragma",
                        "Proxy-Authenticate",
                        "Referrer-Policy",
                        "Retry-After",
                        "Server",
                        "Set-Cookie",
                        "Strict-Transport-Security",
                        "Trailer",
                        "Transfer-Encoding",
                        "Upgrade",
                        "Vary",
                        "Via",
                        "WWW-Authenticate",
                        "Warning",
                        "X-Content-Type-Options",
                        "X-Frame-Options",
                        "X-Powered-By",
                        "X-Request-Id",
                        "X-XSS-Protection",
                        "cache-control",
                        "connection",
                        "content-encoding",
                        "content-length",
                        "content-type",
                        "date",
                        "etag",
                        "expires",
                        "last-modified",
                        "location",
                        "server",
                        "set-cookie",
                        "transfer-encoding",
                        "vary",
                        "OK",
                        "Created",
                        "Accepted",
                        "No Content",
                        "Partial Content",
                        "Moved Permanently",
                        "Found",
                        "Not Modified",
                        "Bad Request",
                        "Unauthorized",
                        "Forbidden",
                        "Not Found",
                        "Internal Server Error",
                        "Service Unavailable",
                        "keep-alive",
                        "close",
                        "chunked",
                        "gzip",
                        "identity",
                        "bytes",
                        "no-cache",
                        "no-store",
                        "nosniff",
                        "Accept-Encoding",
                        "accept-encoding",
                        "application/json",
                        "application/json; charset=utf-8",
                        "application/json;charset=UTF-8",
                        "application/octet-stream",
                        "text/html",
                        "text/html; charset=utf-8",
                        "text/html; charset=UTF-8",
                        "text/plain",
                        "text/plain; charset=utf-8",
                        "text/plain;charset=UTF-8")
                .forEach(CommonText::put);
    }

    private CommonText() {}

    private static void put(String text) {
        int length = text.length();
        int slot = slot(length, text.charAt(0), text.charAt(length / 2), text.charAt(length - 1));
        while (TABLE[slot] != null) {
            slot = (slot + 1) % SLOTS;
        }
        TABLE[slot] = text;
    }

    private static int slot(int length, int first, int middle, int last) {
        return (length * 31 + first * 7 + middle * 17 + last * 3) & (SLOTS - 1);
    }

    /** The text in the range, if it is a common one. */
    static @Nullable String find(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return "";
        }
        int slot = slot(length, bytes[from], bytes[from + length / 2], bytes[to - 1]);
        for (String candidate = TABLE[slot]; candidate != null; candidate = TABLE[slot]) {
            if (candidate.length() == length && equal(candidate, bytes, from)) {
                return candidate;
            }
            slot = (slot + 1) % SLOTS;
        }
        return null;
    }

    private static boolean equal(String text, byte[] bytes, int from) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
