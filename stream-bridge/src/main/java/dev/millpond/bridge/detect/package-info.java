/** Where does this HTTP/1.1 response end? Bytes in, verdict out: no sockets, clocks, threads or exceptions. */
@NullMarked
package dev.millpond.bridge.detect;

import org.jspecify.annotations.NullMarked;
