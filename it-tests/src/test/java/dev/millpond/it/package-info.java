/** The whole, against real servers. */
@NullMarked
package dev.millpond.it;

import org.jspecify.annotations.NullMarked;
