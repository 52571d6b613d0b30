@NullMarked
package dev.millpond.async;

import org.jspecify.annotations.NullMarked;
