/** How many calls may be in flight, per app and in all. Nothing waits here. */
@NullMarked
package dev.mayfly.gateway.admission;

import org.jspecify.annotations.NullMarked;
