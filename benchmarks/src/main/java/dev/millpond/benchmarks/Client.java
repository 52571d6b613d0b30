package dev.millpond.benchmarks;

import dev.millpond.benchmarks.peer.Peer;
import java.lang.reflect.InvocationTargetException;
import java.util.Locale;

/** What is compared. Adapters are named, not referred to, so that a process loads one client and no other. */
enum Client {
    MILLPOND_FETCH("Millpond fetch", "MillpondFetch", "millpond-http-client", Kind.OWN, Ways.ASYNC),
    MILLPOND_DROP_IN("Millpond drop-in", "MillpondDropIn", "millpond-http-client", Kind.OWN, Ways.BLOCKING),
    JDK("JDK HttpClient", "JdkClient", "", Kind.PEER, Ways.BOTH),
    APACHE_CLASSIC("Apache classic", "ApacheClassic", "httpclient5", Kind.PEER, Ways.BLOCKING),
    APACHE_ASYNC("Apache async", "ApacheAsync", "httpclient5", Kind.PEER, Ways.ASYNC),
    APACHE_FACADE("Apache facade", "ApacheFacade", "httpclient5", Kind.PEER, Ways.BLOCKING),
    OKHTTP("OkHttp", "OkHttp", "okhttp-jvm", Kind.PEER, Ways.BOTH),
    AHC("AsyncHttpClient", "Ahc", "async-http-client", Kind.PEER, Ways.BOTH),
    REACTOR("Reactor Netty", "ReactorNetty", "reactor-netty-http", Kind.PEER, Ways.BOTH),
    JETTY("Jetty", "Jetty", "jetty-client", Kind.PEER, Ways.BOTH),
    VERTX("Vert.x", "VertxClient", "vertx-core", Kind.PEER, Ways.BOTH),
    HELIDON("Helidon", "Helidon", "helidon-webclient", Kind.PEER, Ways.BLOCKING),
    RAW_NETTY("raw Netty", "RawNetty", "netty-transport", Kind.LIMIT, Ways.BOTH),
    WRK("wrk", "", "", Kind.LIMIT, Ways.ASYNC);

    private static final int HELIDON_JDK = 21;

    enum Kind {
        OWN,
        PEER,
        /** No client, but what the machine allows. */
        LIMIT
    }

    private enum Ways {
        ASYNC,
        BLOCKING,
        BOTH
    }

    final String label;
    final String artifact;
    final Kind kind;
    private final Ways ways;
    private final String adapter;

    Client(String label, String adapter, String artifact, Kind kind, Ways ways) {
        this.label = label;
        this.adapter = adapter;
        this.artifact = artifact;
        this.kind = kind;
        this.ways = ways;
    }

    /** As options and result files have it: {@code millpond-fetch}. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Client ofId(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    boolean fits(Mode mode) {
        return ways == Ways.BOTH || (ways == Ways.ASYNC) == (mode == Mode.ASYNC);
    }

    boolean available() {
        if (this == WRK) {
            return Wrk.available();
        }
        // A build with a newer JDK may have left its adapter behind.
        if (this == HELIDON && Runtime.version().feature() < HELIDON_JDK) {
            return false;
        }
        try {
            Class.forName(className(), false, Client.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    Peer open(String url, int connections) throws Exception {
        try {
            return Class.forName(className())
                    .asSubclass(Peer.class)
                    .getConstructor(String.class, int.class)
                    .newInstance(url, connections);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private String className() {
        return Peer.class.getPackageName() + "." + adapter;
    }
}
