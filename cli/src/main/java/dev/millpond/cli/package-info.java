/** Millpond from a shell: {@code fetch} and {@code demo}. */
@NullMarked
package dev.millpond.cli;

import org.jspecify.annotations.NullMarked;
