/**
 * How a request becomes a call inside a container: the languages of functions, each a package, and their list. It must not know
 * how the container was made.
 */
@NullMarked
package dev.mayfly.functions;

import org.jspecify.annotations.NullMarked;
