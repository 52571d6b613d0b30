/**
 * Asynchronous sockets: connect, listen, TLS, names, timers.
 *
 * <p>Start at {@link dev.millpond.async.AsyncCore}. A socket's callbacks run on its event loop, one at a time; they
 * must not block. Methods may be called from any thread unless they say otherwise.
 */
@NullMarked
package dev.millpond.async;

import org.jspecify.annotations.NullMarked;
