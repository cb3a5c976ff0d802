/** Does one thing again and again, or several in turn, and takes the times. */
@NullMarked
package dev.mayfly.bench.load;

import org.jspecify.annotations.NullMarked;
