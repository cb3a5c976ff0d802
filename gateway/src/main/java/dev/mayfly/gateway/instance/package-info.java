/**
 * Connections to instances: HTTP/1.1, one exchange at a time on each, and the rule for when one is used again. Knows nothing of
 * callers and leases.
 */
@NullMarked
package dev.mayfly.gateway.instance;

import org.jspecify.annotations.NullMarked;
