/** What the gateway and control may see of the warm pool: releases to run, leases, instances and their events. No I/O, no runtime types. */
@NullMarked
package dev.mayfly.pool.api;

import org.jspecify.annotations.NullMarked;
