package dev.millpond.http.fetch;

import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.cookie.Cookie;

/**
 * The store of a client that was given none: it knows without a look, which makes a list, that nothing was put in it.
 */
final class NewCookieStore extends BasicCookieStore {

    private volatile boolean used;

    @Override
    public void addCookie(Cookie cookie) {
        used = true;
        super.addCookie(cookie);
    }

    boolean isEmpty() {
        return !used || getCookies().isEmpty();
    }
}
