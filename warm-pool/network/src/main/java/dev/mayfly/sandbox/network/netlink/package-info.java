/**
 * The kernel's own interface to links, addresses, routes and firewall sets, without a process for each change. Knows nothing
 * of sandboxes.
 */
@NullMarked
package dev.mayfly.sandbox.network.netlink;

import org.jspecify.annotations.NullMarked;
