package dev.millpond.cli;

/** What {@code PlantedCommand} must not point at. */
public final class PlantedInCli {
    private PlantedInCli() {}
}
