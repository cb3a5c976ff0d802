/** The all-in-one process: builds the graph of rooms by hand, in start order, and closes it in reverse. It must not hold logic of its own. */
@NullMarked
package dev.mayfly.server;

import org.jspecify.annotations.NullMarked;
