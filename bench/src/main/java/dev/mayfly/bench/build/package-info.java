/** Builds and pushes. */
@NullMarked
package dev.mayfly.bench.build;

import org.jspecify.annotations.NullMarked;
