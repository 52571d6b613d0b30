package dev.millpond.async;

import dev.millpond.bridge.PlantedInBridge;
import org.apache.hc.core5.http.HttpHost;

/**
 * Violations that {@code ArchitectureTest} must find: HTTP in the sockets, and with {@link PlantedInBridge} a cycle.
 */
public final class PlantedInAsync {
    private PlantedInAsync() {}

    public static final Object HOST = new HttpHost("planted");
    public static final Class<?> CYCLE = PlantedInBridge.class;
}
