/** Benchmarks: each measures one thing beside a floor or a peer in the same run and prints the ratio. */
@NullMarked
package dev.mayfly.bench;

import org.jspecify.annotations.NullMarked;
