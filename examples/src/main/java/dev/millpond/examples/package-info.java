/** What can be done with {@code async-core} alone. Each class is a program: {@code examples/run EchoServer 7007}. */
@NullMarked
package dev.millpond.examples;

import org.jspecify.annotations.NullMarked;
