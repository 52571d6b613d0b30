package dev.millpond.bridge;

import dev.millpond.async.PlantedInAsync;
import dev.millpond.http.Millpond;

/** Violations that {@code ArchitectureTest} must find: an arrow that points back, and a cycle. */
public final class PlantedInBridge {
    private PlantedInBridge() {}

    public static final Class<?> CYCLE = PlantedInAsync.class;
    public static final Class<?> BACK = Millpond.class;
}
