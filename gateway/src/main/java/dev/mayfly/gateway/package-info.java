/**
 * The path of a request: parse, route, admit, lease, forward, record. No database, no cluster round trip and no lock on
 * this path. It learns of apps through {@link dev.mayfly.gateway.routing.RouteTable} alone and of instances through
 * leases; it must not know control, store or how instances are made.
 */
@NullMarked
package dev.mayfly.gateway;

import org.jspecify.annotations.NullMarked;
