/** Sandboxes without a server: their making, their price, what bombs in them cost the neighbour. */
@NullMarked
package dev.mayfly.bench.sandbox;

import org.jspecify.annotations.NullMarked;
