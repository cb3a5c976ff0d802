/**
 * One call from its head to its record: lease, forward as a stream, end once. Knows the pool by its leases only. README.md in this
 * folder has the phases of a call, and who may end it.
 */
@NullMarked
package dev.mayfly.gateway.forward;

import org.jspecify.annotations.NullMarked;
