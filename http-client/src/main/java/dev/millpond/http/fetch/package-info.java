/** The future-returning chain: lease, connect, exchange, complete. */
@NullMarked
package dev.millpond.http.fetch;

import org.jspecify.annotations.NullMarked;
