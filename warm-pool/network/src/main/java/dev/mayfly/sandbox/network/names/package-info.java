/**
 * Names that sandboxes with a list of destinations may look up, and what may come of it. Knows nothing of links or firewalls
 * but the number of a link.
 */
@NullMarked
package dev.mayfly.sandbox.network.names;

import org.jspecify.annotations.NullMarked;
