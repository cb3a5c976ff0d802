/**
 * What of a server works. Rooms report checks and run their loops here; {@code /readyz} tells. Knows nothing of what the rooms do.
 */
@NullMarked
package dev.mayfly.runtime.health;

import org.jspecify.annotations.NullMarked;
