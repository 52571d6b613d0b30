/** How many connections {@code async-core} holds, and what each costs: {@code benchmarks/connections}. */
@NullMarked
package dev.millpond.benchmarks.connections;

import org.jspecify.annotations.NullMarked;
