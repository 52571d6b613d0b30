/**
 * From an asynchronous socket to a complete response and its {@code InputStream}, and an {@code OutputStream} back.
 *
 * <p>Start at {@link dev.millpond.bridge.ResponseStream}.
 */
@NullMarked
package dev.millpond.bridge;

import org.jspecify.annotations.NullMarked;
