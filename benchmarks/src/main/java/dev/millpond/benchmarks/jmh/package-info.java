/** What Millpond does to the bytes of one exchange, without the network. */
@NullMarked
package dev.millpond.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
