/** The only package that knows Netty. Nothing here is exported. */
@NullMarked
package dev.millpond.async.netty;

import org.jspecify.annotations.NullMarked;
