@NullMarked
package dev.millpond.async.netty;

import org.jspecify.annotations.NullMarked;
