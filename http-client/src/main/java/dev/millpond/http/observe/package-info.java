/** Who wants to know how fetches end: the way to metrics of any kind. */
@NullMarked
package dev.millpond.http.observe;

import org.jspecify.annotations.NullMarked;
