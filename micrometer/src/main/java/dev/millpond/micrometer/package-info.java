/** Meters of a {@code Millpond} for Micrometer's registries. */
@NullMarked
package dev.millpond.micrometer;

import org.jspecify.annotations.NullMarked;
