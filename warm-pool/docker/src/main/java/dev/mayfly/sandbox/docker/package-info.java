/** The runtime class of a Docker Engine, by its API over the unix socket. Knows nothing of the docker command. */
@NullMarked
package dev.mayfly.sandbox.docker;

import org.jspecify.annotations.NullMarked;
