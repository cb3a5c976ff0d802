/** Does what the pool's core decides: starts, probes, leases and reaps instances. It must not decide. */
@NullMarked
package dev.mayfly.pool.engine;

import org.jspecify.annotations.NullMarked;
