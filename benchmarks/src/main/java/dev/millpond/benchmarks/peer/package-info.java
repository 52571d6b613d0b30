/** The clients that are compared, each behind one small adapter, with its default settings. */
@NullMarked
package dev.millpond.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
