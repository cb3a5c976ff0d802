/** Tests of the keep-alive policies. */
@NullMarked
package dev.mayfly.pool.core.keep;

import org.jspecify.annotations.NullMarked;
