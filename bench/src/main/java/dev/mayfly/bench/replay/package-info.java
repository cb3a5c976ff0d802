/** Replays traces of calls against keep-alive policies and the pool's core, in simulated time. It must not know a clock, and no benchmark. */
@NullMarked
package dev.mayfly.bench.replay;

import org.jspecify.annotations.NullMarked;
