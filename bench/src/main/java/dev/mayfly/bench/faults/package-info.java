/** {@code kill -9} while people use an app. */
@NullMarked
package dev.mayfly.bench.faults;

import org.jspecify.annotations.NullMarked;
