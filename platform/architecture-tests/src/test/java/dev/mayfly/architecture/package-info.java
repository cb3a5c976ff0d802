/** What the folders promise, proved: which room may know which, and that the chart renders. */
@NullMarked
package dev.mayfly.architecture;

import org.jspecify.annotations.NullMarked;
