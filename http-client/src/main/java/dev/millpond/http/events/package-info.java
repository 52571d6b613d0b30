/** Server-sent events: WHATWG HTML standard, section 9.2. */
@NullMarked
package dev.millpond.http.events;

import org.jspecify.annotations.NullMarked;
