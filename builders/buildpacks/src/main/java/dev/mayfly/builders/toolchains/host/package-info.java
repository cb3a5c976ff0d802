/**
 * Fetches toolchains with the means of this machine: its npm client, Debian's packages, Maven Central, the Go module proxy.
 * It must not know buildpacks.
 */
@NullMarked
package dev.mayfly.builders.toolchains.host;

import org.jspecify.annotations.NullMarked;
