/** From the host of a request to the release that answers it. An immutable snapshot; knows nothing of HTTP. */
@NullMarked
package dev.mayfly.gateway.routing;

import org.jspecify.annotations.NullMarked;
