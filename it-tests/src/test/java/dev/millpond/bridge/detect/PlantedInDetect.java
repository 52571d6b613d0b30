package dev.millpond.bridge.detect;

import java.io.File;

/** A violation that {@code ArchitectureTest} must find: input and output in the detector. */
final class PlantedInDetect {
    private PlantedInDetect() {}

    static final File FILE = new File("planted");
}
