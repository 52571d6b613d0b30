/** Meters of a {@code Millpond} for Micrometer's registries. */
module dev.millpond.micrometer {
    requires static org.jspecify;
    requires transitive dev.millpond.http;
    requires transitive micrometer.core;

    exports dev.millpond.micrometer;
}
