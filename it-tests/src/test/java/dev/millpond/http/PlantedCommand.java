package dev.millpond.http;

import dev.millpond.cli.PlantedInCli;

/** A violation that {@code ArchitectureTest} must find: an arrow that points back. */
final class PlantedCommand {
    private PlantedCommand() {}

    static final Class<?> BACK = PlantedInCli.class;
}
