/** Problem documents (RFC 9457): the only place that knows which HTTP status an error code has. */
@NullMarked
package dev.mayfly.runtime.problem;

import org.jspecify.annotations.NullMarked;
