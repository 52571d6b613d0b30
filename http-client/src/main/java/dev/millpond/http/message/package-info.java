/** Between HttpCore's messages and bytes, for both ways in. */
@NullMarked
package dev.millpond.http.message;

import org.jspecify.annotations.NullMarked;
