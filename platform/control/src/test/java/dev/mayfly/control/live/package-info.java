@NullMarked
package dev.mayfly.control.live;

import org.jspecify.annotations.NullMarked;
