/** Calls over a time: warm ones, storms, traces of a day, what requests leave behind. */
@NullMarked
package dev.mayfly.bench.traffic;

import org.jspecify.annotations.NullMarked;
