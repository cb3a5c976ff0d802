/** The path of a request: parse, route, admit, lease, forward, record. No database, no cluster round trip and no lock on this path. */
@NullMarked
package dev.mayfly.gateway;

import org.jspecify.annotations.NullMarked;
