/** Connections along routes: direct, through proxies and tunnels, in TLS, and the pool that keeps them. */
@NullMarked
package dev.millpond.http.connect;

import org.jspecify.annotations.NullMarked;
