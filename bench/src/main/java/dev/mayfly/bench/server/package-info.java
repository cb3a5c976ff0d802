/** A whole server for a benchmark, what is pushed to it, and who calls it. */
@NullMarked
package dev.mayfly.bench.server;

import org.jspecify.annotations.NullMarked;
