/** Pure pool decisions: state and time in, actions out. It must not know threads, clocks, files or processes. */
@NullMarked
package dev.mayfly.pool.core;

import org.jspecify.annotations.NullMarked;
