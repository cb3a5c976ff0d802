/** Live events for consoles and followers, and how they are written as JSON. */
@NullMarked
package dev.mayfly.control.live;

import org.jspecify.annotations.NullMarked;
