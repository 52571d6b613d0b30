/** From an asynchronous socket to a complete HTTP/1.1 response and its {@code InputStream}. */
module dev.millpond.bridge {
    requires static org.jspecify;
    requires transitive dev.millpond.async;

    exports dev.millpond.bridge;
    exports dev.millpond.bridge.detect;
}
