/** Millpond beside its peers: server and clients in processes of their own. */
@NullMarked
package dev.millpond.benchmarks;

import org.jspecify.annotations.NullMarked;
