/** Serves the files of the web console. */
@NullMarked
package dev.mayfly.control.console;

import org.jspecify.annotations.NullMarked;
