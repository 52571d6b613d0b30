/** Apache HttpCore's classic messages over complete responses. */
module dev.millpond.http {
    requires static org.jspecify;
    requires transitive dev.millpond.bridge;
    requires transitive org.apache.httpcomponents.core5.httpcore5;
    requires transitive org.apache.httpcomponents.client5.httpclient5;
    requires java.management;
    requires jdk.jfr;
    requires jdk.management;
    requires jdk.net;
    requires org.slf4j;

    exports dev.millpond.http;
    exports dev.millpond.http.apache;
    exports dev.millpond.http.events;
    exports dev.millpond.http.observe;
}
