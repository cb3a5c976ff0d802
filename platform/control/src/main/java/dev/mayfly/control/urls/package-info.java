/** How apps are named on the network. */
@NullMarked
package dev.mayfly.control.urls;

import org.jspecify.annotations.NullMarked;
