package dev.millpond.http;

import io.netty.buffer.Unpooled;

/** Violations that {@code ArchitectureTest} must find: Netty outside its package, and a name that says nothing. */
final class PlantedUtil {
    private PlantedUtil() {}

    static final Object BUFFER = Unpooled.EMPTY_BUFFER;
}
