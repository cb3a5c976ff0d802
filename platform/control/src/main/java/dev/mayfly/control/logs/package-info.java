/** What apps print, kept for a while. */
@NullMarked
package dev.mayfly.control.logs;

import org.jspecify.annotations.NullMarked;
