/** The drop-in: Apache's unmodified classic HttpClient on Millpond's asynchronous core. */
@NullMarked
package dev.millpond.http.apache;

import org.jspecify.annotations.NullMarked;
