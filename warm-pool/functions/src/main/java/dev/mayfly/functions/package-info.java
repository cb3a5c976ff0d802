/** How a request becomes a call inside a container: the port contract and the function shims. It must not know how the container was made. */
@NullMarked
package dev.mayfly.functions;

import org.jspecify.annotations.NullMarked;
