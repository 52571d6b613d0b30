/** Start at {@link dev.millpond.http.Millpond}. */
@NullMarked
package dev.millpond.http;

import org.jspecify.annotations.NullMarked;
