/** From a tree to a release that serves: builds, releases, routes. It must not know HTTP or git. */
@NullMarked
package dev.mayfly.control.deploy;

import org.jspecify.annotations.NullMarked;
