/** One call from its head to its record: lease, forward as a stream, end once. Knows the pool by its leases only. */
@NullMarked
package dev.mayfly.gateway.forward;

import org.jspecify.annotations.NullMarked;
