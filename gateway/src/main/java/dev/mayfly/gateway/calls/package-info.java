/** The record of a call and who is told of it: metrics, the app's log, metering. Knows nothing of sockets. */
@NullMarked
package dev.mayfly.gateway.calls;

import org.jspecify.annotations.NullMarked;
